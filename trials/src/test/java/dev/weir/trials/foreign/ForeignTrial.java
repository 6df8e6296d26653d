// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.foreign;

import dev.weir.client.WeirClient;
import dev.weir.client.WeirUnreachableException;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.AuditCheck;
import dev.weir.trials.setup.TrialManifests;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/// Releases on engines that share no code with Weir: a server in Node.js with switches for defects
/// of answers. Clients check every byte. Healthy versions are promoted and cause no failure. Bad
/// versions are rolled back by the metric that shows the defect. Cut streams are resumed to the
/// byte or end with an error event.
public final class ForeignTrial implements Trial {
  private static final String SWITCHES_IGNORED = "switches-ignored";
  private static final String EMPTY_REST = "resumed-by-silence";
  private static final int LANES = 3;
  private static final double PER_SECOND = 20;

  /// In CI: the healthy release needs 104 s instead of 135 s.
  private static final double PER_SECOND_IN_CI = 2 * PER_SECOND;

  private static final Duration BASELINE = Duration.ofSeconds(8);
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final int FEWEST_BROKEN = 5;

  @Override
  public String name() {
    return "foreign";
  }

  @Override
  public String about() {
    return "releases on a foreign engine in Node.js, answers checked to the byte (--full: %d healthy, %d bad)"
        .formatted(ForeignVersion.HEALTHY.size(), ForeignVersion.BAD.size());
  }

  @Override
  public List<String> mutations() {
    return List.of(SWITCHES_IGNORED, EMPTY_REST);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    Optional<String> missing = ForeignEngine.missing();
    if (missing.isPresent()) {
      run.skip("the foreign engine: " + missing.get());
      return;
    }
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    try (http;
        WeirProcess weir = WeirProcess.up();
        WeirClient client = weir.client()) {
      weir.apply(TrialManifests.externalTarget());
      Path program = ForeignEngine.unpack(weir.folder());
      Course course = new Course(run, weir, client, http, program, weir.inferenceKey());
      course.resumptions();
      course.releases();
      AuditCheck.verify(run, weir);
    }
  }

  /// The parts of the trial, in order.
  private record Course(
      TrialRun run,
      WeirProcess weir,
      WeirClient client,
      HttpClient http,
      Path program,
      String key) {
    private ForeignClient asking(String model, boolean countsStop) {
      return new ForeignClient(http, URI.create(weir.gateway()), key, model, countsStop ? 1 : 0);
    }

    // Cut streams

    void resumptions() throws Exception {
      if (!run.wants("resumed")) {
        return;
      }
      continued("plain", Map.of(), false);
      continued("dressed", Map.of("count-stop", true, "line-end", "crlf", "comments", true), true);
      refused();
    }

    private Resumptions engines(String name, Map<String, ?> options) throws Exception {
      Map<String, Object> all = new HashMap<>(options);
      all.put("model", name);
      all.put("seed", run.seed());
      return new Resumptions(
          ForeignEngine.start(program, http, all), ForeignEngine.start(program, http, all));
    }

    private List<Judged> broken(Resumptions engines, String name, boolean countsStop)
        throws Exception {
      weir.apply(engines.manifest(name));
      engines.breaker().set(Map.of("cutRate", 0.2, "resetRate", 0.2));
      if (run.mutated(EMPTY_REST)) {
        engines.steady().set(Map.of("emptyRate", 1.0));
      }
      List<Judged> answers = engines.ask(asking(name, countsStop));
      int broken = engines.broken();
      run.figure("cut streams, " + name, broken);
      run.check(name + ": enough streams are cut", broken >= FEWEST_BROKEN, broken);
      return answers;
    }

    private void continued(String name, Map<String, ?> options, boolean countsStop)
        throws Exception {
      try (Resumptions engines = engines(name, options)) {
        List<Judged> answers = broken(engines, name, countsStop);
        List<String> wrong =
            answers.stream().filter(a -> !a.right()).map(Judged::wrong).sorted().toList();
        run.check(name + ": streams are resumed to the byte, usage too", wrong.isEmpty(), wrong);
      }
    }

    /// When no engine can continue a cut stream, the client gets an error event of type
    /// `upstream_error`.
    private void refused() throws Exception {
      try (Resumptions engines = engines("refusing", Map.of("continuation", "refuse"))) {
        List<Judged> answers = broken(engines, "refusing", false);
        List<String> silent =
            answers.stream()
                .filter(answer -> answer.verdict() == Judged.Verdict.WRONG)
                .map(Judged::wrong)
                .toList();
        run.check("without continuation no cut stream looks complete", silent.isEmpty(), silent);
        List<String> told =
            answers.stream().filter(Judged::failed).map(Judged::wrong).distinct().toList();
        run.check(
            "without continuation a cut stream ends with an upstream error event",
            told.equals(List.of("upstream_error/stream_cut")),
            told);
      }
    }

    // Releases

    void releases() throws Exception {
      List<ForeignVersion> versions = run.full() ? all() : few();
      List<Callable<ReleaseEnd>> plays = new ArrayList<>();
      for (int i = 0; i < versions.size(); i++) {
        ForeignVersion version = versions.get(i);
        String name = "f" + (i + 1);
        long seed = run.seed() * 1_000 + i;
        if (run.wants(version.toString())) {
          plays.add(() -> play(name, version, seed));
        }
      }
      List<ReleaseEnd> ends = inLanes(plays);
      StringBuilder page = new StringBuilder(HEADING).append(ReleaseEnd.HEADER);
      ends.forEach(end -> page.append(end.row()));
      run.page(page.append(reasons(versions)).toString());
      ends.forEach(this::judge);
      run.figure("requests", ends.stream().mapToInt(end -> end.answers().size()).sum());
    }

    /// The longest releases first.
    private static List<ForeignVersion> all() {
      List<ForeignVersion> all = new ArrayList<>(ForeignVersion.HEALTHY);
      all.addAll(ForeignVersion.BAD);
      return all;
    }

    /// The sample for CI.
    private static List<ForeignVersion> few() {
      List<ForeignVersion> few = new ArrayList<>(List.of(ForeignVersion.HEALTHY.getLast()));
      ForeignVersion.BAD.stream()
          .filter(version -> List.of("errors", "abort").contains(version.kind()))
          .filter(version -> version.about().startsWith("10 %"))
          .forEach(few::add);
      return few;
    }

    private List<ReleaseEnd> inLanes(List<Callable<ReleaseEnd>> plays) throws Exception {
      List<ReleaseEnd> ends = new ArrayList<>();
      try (ExecutorService lanes = Executors.newFixedThreadPool(LANES)) {
        for (Future<ReleaseEnd> each : lanes.invokeAll(plays)) {
          ends.add(each.get());
        }
      }
      return ends;
    }

    private ReleaseEnd play(String name, ForeignVersion version, long seed) throws Exception {
      try (ForeignRelease release = ForeignRelease.start(name, version, program, http, seed)) {
        weir.apply(release.models() + release.service(1));
        try (ForeignTraffic traffic =
            new ForeignTraffic(
                asking(name, false), run.full() ? PER_SECOND : PER_SECOND_IN_CI, seed)) {
          LockSupport.parkNanos(BASELINE.toNanos());
          var _ = client.apply(release.service(2), false, "trial");
          Optional<Instant> began = untilOver(release);
          List<Judged> answers = traffic.stop();
          RolloutStatus status = release.status(client).orElseThrow();
          ReleaseEnd end = new ReleaseEnd(release, status, began, answers);
          run.say(end.row().strip() + " " + end.details());
          var _ =
              client.delete(
                  ResourceRef.of(Kind.SERVICE, "default", name), OptionalLong.empty(), "trial");
          return end;
        }
      }
    }

    /// @return when the new version received its first requests and its engine its switches
    private Optional<Instant> untilOver(ForeignRelease release)
        throws IOException, InterruptedException {
      Optional<Instant> began = Optional.empty();
      long deadline = System.nanoTime() + LONGEST.toNanos();
      while (System.nanoTime() < deadline) {
        Optional<RolloutStatus> now = status(release);
        if (now.filter(ForeignRelease::over).isPresent()) {
          return began;
        }
        if (began.isEmpty() && now.filter(ForeignRelease::begun).isPresent()) {
          began = Optional.of(Instant.now());
          deal(release);
        }
        LockSupport.parkNanos(POLL.toNanos());
      }
      return began;
    }

    private Optional<RolloutStatus> status(ForeignRelease release) {
      try {
        return release.status(client);
      } catch (WeirUnreachableException busy) {
        return Optional.empty();
      }
    }

    private void deal(ForeignRelease release) throws IOException, InterruptedException {
      if (!run.mutated(SWITCHES_IGNORED)) {
        release.next().set(release.version().switches());
      }
    }

    private void judge(ReleaseEnd end) {
      ForeignVersion version = end.release().version();
      String seen = end.row().strip();
      if (version.isHealthy()) {
        run.check("promoted: " + version, end.completed(), seen);
        run.check("no client sees a failure: " + version, end.failures() + end.wrong() == 0, seen);
      } else {
        run.check("rolled back: " + version, end.rolledBack(), seen);
        run.check(
            "the expected metric decides: " + version,
            end.decidedAsExpected(),
            end.status().decidedBy());
        end.secondsToDecision().ifPresent(took -> run.figure("seconds, " + version, took));
      }
    }

    private static String reasons(List<ForeignVersion> versions) {
      StringBuilder text = new StringBuilder("\nReasons for the expected results:\n\n");
      versions.forEach(version -> text.append("- %s: %s.%n".formatted(version, version.why())));
      return text.toString();
    }
  }

  private static final String HEADING =
      """

      ## Releases

      Each release is a separate Service with 20 requests a second (chats and completions, half of
      them streams). Version 1 and version 2 have two addresses each, and the one canary step sends
      half of the requests to version 2. Retries and resumption of streams are on, as by default, so
      clients see fewer failures than the metrics. A *client failure* is an error status, an error
      event or a lost connection. A *wrong answer* is complete but differs from the only correct
      answer. *Bad answers of version 2* are client failures and wrong answers of version 2, and for
      slow versions all its answers.
      """;
}
