// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.matrix;

import dev.weir.client.WeirClient;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.simulator.SimOptions;
import dev.weir.simulator.SimServer;
import dev.weir.trials.matrix.Cell.Level;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.AuditCheck;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.TrialManifests;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// The regressions of the canary specification, on simulated engines behind a real gateway: whether
/// and when each release is rolled back, and its cost. The same engines are also recorded without
/// any decision, to compute when the rules of Argo and Kayenta would have rolled back.
public final class MatrixTrial implements Trial {
  private static final String BAD_IS_GOOD = "bad-version-is-good";
  private static final Level MUCH = new Level("much", 40, .25);
  private static final Level LITTLE = new Level("little", 8, .25);
  private static final int AT_ONCE = 3;
  private static final int RECORDED_SECONDS = 300;
  private static final Duration POLL = Duration.ofMillis(250);

  /// Times after which a release counts as undecided.
  private static final Duration SAMPLE = Duration.ofMinutes(2);

  private static final Duration LONGEST_MUCH = Duration.ofMinutes(20);
  private static final Duration LONGEST_LITTLE = Duration.ofMinutes(50);

  @Override
  public String name() {
    return "matrix";
  }

  @Override
  public String about() {
    return "regressions and healthy versions released over HTTP (--full: all, at two levels of"
        + " traffic, beside Argo's and Kayenta's rules)";
  }

  @Override
  public List<String> mutations() {
    return List.of(BAD_IS_GOOD);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    try (WeirProcess weir = WeirProcess.up();
        WeirClient client = weir.client();
        SimServer judge =
            SimServer.start(SimOptions.parse("--port", "0", "--model", "umpire", "--judge"))) {
      weir.apply(TrialManifests.externalTarget() + Cell.judge(judge.baseUrl()));
      Course course = new Course(run, weir, client, gateway(weir));
      course.releases();
      if (run.full()) {
        course.comparisons();
      }
      AuditCheck.verify(run, weir);
    }
  }

  private static MatrixTraffic.Gateway gateway(WeirProcess weir)
      throws IOException, InterruptedException {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    return new MatrixTraffic.Gateway(http, URI.create(weir.gateway()), weir.inferenceKey());
  }

  /// The parts of the trial, in order.
  private record Course(
      TrialRun run, WeirProcess weir, WeirClient client, MatrixTraffic.Gateway gateway) {
    void releases() throws Exception {
      StringBuilder page = new StringBuilder(RELEASES);
      List<List<Cell>> batches = batches();
      try {
        for (List<Cell> batch : batches) {
          for (Release release : together(batch)) {
            page.append(line(release));
            run.say(line(release).strip());
            judge(release);
          }
        }
      } finally {
        // Not earlier: an engine that stops is a fault too.
        batches.forEach(batch -> batch.forEach(Cell::close));
      }
      run.page(page.toString());
    }

    private List<List<Cell>> batches() {
      List<List<Cell>> batches = new ArrayList<>();
      List<Regression> much = new ArrayList<>(run.full() ? soonestFirst() : few());
      for (int healthy = run.full() ? AT_ONCE : 1; healthy > 0; healthy--) {
        much.add(Regression.NONE);
      }
      for (int from = 0; from < much.size(); from += AT_ONCE) {
        batches.add(cells(much.subList(from, Math.min(much.size(), from + AT_ONCE)), MUCH, from));
      }
      if (run.full()) {
        List<Regression> little = new ArrayList<>(Regression.ALL);
        Stream.generate(() -> Regression.NONE).limit(AT_ONCE).forEach(little::add);
        batches.add(cells(little, LITTLE, 0));
      }
      return batches;
    }

    /// The small ones take as long as the healthy versions, which come after them.
    private static List<Regression> soonestFirst() {
      return Regression.ALL.stream().sorted(Comparator.comparing(r -> !r.gross())).toList();
    }

    /// The sample for CI.
    private static List<Regression> few() {
      return Stream.of("outage", "errors 0.5->10 %", "refusals 2->15 %")
          .map(name ->
              Regression.ALL.stream().filter(r -> r.name().equals(name)).findFirst().orElseThrow())
          .toList();
    }

    private List<Cell> cells(List<Regression> regressions, Level level, int from) {
      List<Cell> cells = new ArrayList<>();
      for (int i = 0; i < regressions.size(); i++) {
        Regression dealt =
            run.mutated(BAD_IS_GOOD) ? healthy(regressions.get(i)) : regressions.get(i);
        String name = level.name() + (from + i + 1);
        cells.add(Cell.start(name, dealt, level, run.seed() * 1_000 + from + i));
      }
      return cells;
    }

    private static Regression healthy(Regression regression) {
      return new Regression(regression.name(), Map.of(), regression.gross());
    }

    private List<Release> together(List<Cell> cells) throws Exception {
      StringBuilder worlds = new StringBuilder();
      cells.forEach(cell -> worlds.append(cell.models()).append(cell.service(1)));
      weir.apply(worlds.toString());
      List<MatrixTraffic> traffic = new ArrayList<>();
      long origin = System.nanoTime();
      for (Cell cell : cells) {
        traffic.add(
            new MatrixTraffic(
                gateway,
                cell.name(),
                cell.name() + "@2",
                cell.level().perSecond(),
                run.seed() + traffic.size(),
                origin));
      }
      try {
        LockSupport.parkNanos(Duration.ofSeconds(10).toNanos()); // the baseline is learnt
        StringBuilder wanted = new StringBuilder();
        cells.forEach(cell -> wanted.append(cell.service(2)));
        weir.submit(wanted.toString());
        awaitAll(cells);
        for (MatrixTraffic one : traffic) {
          one.stop();
        }
        return ended(cells, traffic);
      } finally {
        traffic.forEach(MatrixTraffic::close);
      }
    }

    /// How long a release is observed. It goes on longer by default.
    private Duration longest(List<Cell> cells) {
      boolean little = cells.stream().anyMatch(cell -> cell.level().equals(LITTLE));
      return little ? LONGEST_LITTLE : run.full() ? LONGEST_MUCH : SAMPLE;
    }

    private void awaitAll(List<Cell> cells) throws IOException, InterruptedException {
      List<Cell> running = new ArrayList<>(cells);
      var _ =
          new Polling(longest(cells), POLL)
              .holds(() -> {
                boolean _ = running.removeIf(this::over);
                return running.isEmpty();
              });
    }

    private boolean over(Cell cell) {
      Optional<RolloutStatus> status = Release.status(client, cell);
      status.filter(now -> now.phase() == RolloutPhase.PROGRESSING).ifPresent(_ -> cell.deal());
      return status.filter(Release::over).isPresent();
    }

    private List<Release> ended(List<Cell> cells, List<MatrixTraffic> traffic) {
      List<Release> releases = new ArrayList<>();
      for (int i = 0; i < cells.size(); i++) {
        RolloutStatus status = Release.status(client, cells.get(i)).orElseThrow();
        MatrixTraffic own = traffic.get(i);
        releases.add(new Release(cells.get(i), status, own.seen(), own));
      }
      return releases;
    }

    private void judge(Release release) {
      Cell cell = release.cell();
      String what = cell.regression().name() + ", " + cell.level().rate();
      if (!cell.regression().equals(Regression.NONE)) {
        if (cell.regression().gross() && cell.level().equals(MUCH)) {
          run.check("rolled back: " + what, release.reverted(), release.cells());
        }
        return;
      }
      run.check(
          "a healthy version is not rolled back: " + what, !release.reverted(), release.cells());
      if (run.full()) {
        run.check("a healthy version is promoted: " + what, release.promoted(), release.cells());
      }
    }

    private static String line(Release release) {
      return "| %s | %s | %s |%n"
          .formatted(
              release.cell().regression().name(), release.cell().level().rate(), release.cells());
    }

    // The same engines without decisions

    void comparisons() throws Exception {
      StringBuilder page = new StringBuilder(COMPARISONS);
      List<Regression> all =
          Stream.concat(Regression.ALL.stream(), Stream.of(Regression.NONE)).toList();
      int half = (all.size() + 1) / 2;
      page.append(recorded(all.subList(0, half), MUCH, 0));
      page.append(recorded(all.subList(half, all.size()), MUCH, half));
      page.append(recorded(all, LITTLE, 0));
      page.append(
          "%nLoad average after the recordings: %.1f.%n"
              .formatted(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
      run.page(page.toString());
    }

    private String recorded(List<Regression> regressions, Level level, int from) throws Exception {
      List<Cell> cells = cells(regressions, level.named("recorded" + level.name()), from);
      try {
        return recorded(cells, level);
      } finally {
        cells.forEach(Cell::close);
      }
    }

    /// Sends traffic to the healthy engine of the first cell and to the other engine of each cell.
    private String recorded(List<Cell> cells, Level level) throws Exception {
      StringBuilder worlds =
          new StringBuilder(cells.getFirst().models()).append(cells.getFirst().service(1));
      cells.forEach(cell -> worlds.append(cell.alone()));
      weir.apply(worlds.toString());
      cells.forEach(Cell::deal);
      long origin = System.nanoTime();
      double ofCanary = level.perSecond() * level.weight();
      List<MatrixTraffic> canaries = new ArrayList<>();
      try (MatrixTraffic baseline =
          new MatrixTraffic(
              gateway,
              cells.getFirst().name(),
              "",
              level.perSecond() - ofCanary,
              run.seed(),
              origin)) {
        for (Cell cell : cells) {
          canaries.add(
              new MatrixTraffic(
                  gateway,
                  cell.name() + "b",
                  "",
                  ofCanary,
                  run.seed() + 1 + canaries.size(),
                  origin));
        }
        LockSupport.parkNanos(Duration.ofSeconds(RECORDED_SECONDS).toNanos());
        baseline.stop();
        for (MatrixTraffic canary : canaries) {
          canary.stop();
        }
        return compared(cells, level, baseline.seen(), canaries);
      } finally {
        canaries.forEach(MatrixTraffic::close);
      }
    }

    private static String compared(
        List<Cell> cells,
        Level level,
        List<ObservedRequest> baseline,
        List<MatrixTraffic> canaries) {
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < cells.size(); i++) {
        Comparison comparison =
            Comparison.of(baseline, canaries.get(i).seen(), level.weight(), RECORDED_SECONDS);
        lines.append(
            "| %s | %s | %s |%n"
                .formatted(cells.get(i).regression().name(), level, comparison.cells()));
      }
      return lines.toString();
    }
  }

  private static final String RELEASES =
      """

      ## Releases over HTTP

      Each row is a separate Service behind one `weir up`: a healthy version on one simulated
      engine, the other version on another, with the default release: nothing is set by hand but
      the judge of the last row. Requests are not retried. Healthy means 0.5 % errors, 0.3 % cut
      streams, 2 % refusals, 1 % invalid JSON (half of the requests ask for JSON), 0.2 % loops, 0.2
      % empty answers. One answer in fourteen is poor, which only a judge detects: in the last row a
      simulated judge, itself a Service, grades all answers with .9 or .2. Three Services run at a
      time at 40 req/s, and all together at 8 req/s, because engines and clients share two cores.
      Seconds count from the end of the first canary answer. Canary answers count until no gateway
      routes to the canary. "Bad" counts the answers that the regression damaged; for slow or long
      answers it counts all. The time to a promotion includes the bake of 5 minutes. A release is
      observed for 20 minutes (50 at 8 req/s), then it counts as undecided. The regression starts
      with the first weight.

      | regression | traffic | ended | s to decision | s to weight 0 | canary answers | bad |
      |---|---|---|---|---|---|---|
      """;

  private static final String COMPARISONS =
      """

      ## The same rules over the same slices

      The same engines behind plain Services without a release: one stream of requests to a healthy
      engine and one to each other engine (at most seven at 40 req/s), at the rates of 25 % of the
      traffic, for 300 s. The recording is what clients saw, including the noise of the machine.
      Each column gives the seconds until a rollback: by Weir (`CanaryAnalysis`, with each request
      as it was known at each evaluation), and by the rules of section 11.1 of the specification for
      Argo (one evaluation a minute, more than three failures of a fixed limit, 240 s at the
      earliest) and Kayenta (Mann-Whitney at 300 s, with and without a ratio of the means of 1.25).
      These rules do not cover refusals, JSON, loops, cut streams or lengths, and those of Argo do
      not cover grades: a dash means that no rule applies.

      | regression | traffic | Weir | Argo | Kayenta | Kayenta + ratio |
      |---|---|---|---|---|---|
      """;
}
