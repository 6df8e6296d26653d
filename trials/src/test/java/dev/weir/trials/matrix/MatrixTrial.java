// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.matrix;

import dev.weir.client.WeirClient;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The regressions of the canary specification, on simulated engines behind a real gateway: whether
/// and when each release is rolled back, and its cost. The same engines are also recorded without
/// any decision, to compute when the rules of Argo and Kayenta would have rolled back.
public final class MatrixTrial implements Trial {
  private static final String BAD_IS_GOOD = "bad-version-is-good";
  private static final Level MUCH = new Level("much", 40, .25, Duration.ofMinutes(20));
  private static final Level LITTLE = new Level("little", 8, .25, Duration.ofMinutes(45));

  /// Healthy versions at each level.
  private static final int HEALTHY = 3;

  /// Requests a second of all releases at a time: those at 8 requests/s, and two at 40 until some
  /// of these have ended. Three quarters of it occupy one core.
  private static final int MOST_PER_SECOND = 220;

  private static final int RECORDED_SECONDS = 300;
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration SLOW_POLL = Duration.ofSeconds(1);
  private static final Duration START = Duration.ofMinutes(2);

  /// How long a release of the sample is observed.
  private static final Duration SAMPLE = Duration.ofSeconds(90);

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
      List<Cell> cells = wanted();
      try {
        weir.apply(worlds(cells));
        StringBuilder page = new StringBuilder(RELEASES);
        for (Release release : released(cells)) {
          page.append(line(release));
          judge(release);
        }
        run.page(page.toString());
      } finally {
        // Not earlier: an engine that stops is a fault too.
        cells.forEach(Cell::close);
      }
    }

    /// Those that take longest come first.
    private List<Cell> wanted() {
      List<Cell> cells = new ArrayList<>();
      if (run.full()) {
        cells.addAll(cells(withHealthy(Regression.ALL, HEALTHY), LITTLE));
        cells.addAll(cells(withHealthy(Regression.ALL, HEALTHY), MUCH));
      } else {
        cells.addAll(cells(withHealthy(few(), 1), MUCH));
      }
      return cells;
    }

    private List<Regression> withHealthy(List<Regression> regressions, int healthy) {
      return Stream.concat(
              Stream.generate(() -> Regression.NONE).limit(healthy),
              regressions.stream().sorted(Comparator.comparing(Regression::gross)))
          .filter(regression -> run.wants(regression.name()))
          .toList();
    }

    /// The sample for CI.
    private static List<Regression> few() {
      return Stream.of("outage", "errors 0.5->10 %")
          .map(name ->
              Regression.ALL.stream().filter(r -> r.name().equals(name)).findFirst().orElseThrow())
          .toList();
    }

    private List<Cell> cells(List<Regression> regressions, Level level) {
      List<Cell> cells = new ArrayList<>();
      for (Regression regression : regressions) {
        int number = cells.size() + 1;
        Regression dealt = run.mutated(BAD_IS_GOOD) ? healthy(regression) : regression;
        cells.add(Cell.start(level.name() + number, dealt, level, run.seed() * 1_000 + number));
      }
      return cells;
    }

    private static Regression healthy(Regression regression) {
      return new Regression(regression.name(), Map.of(), regression.gross());
    }

    private static String worlds(List<Cell> cells) {
      return cells.stream()
          .map(cell -> cell.models() + cell.service(1))
          .collect(Collectors.joining());
    }

    /// Releases each cell as soon as the machine carries its traffic.
    private List<Release> released(List<Cell> cells) throws Exception {
      Semaphore carried = new Semaphore(MOST_PER_SECOND);
      List<Future<Release>> releases = new ArrayList<>();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (Cell cell : cells) {
          carried.acquire(cell.level().perSecond());
          long seed = run.seed() + releases.size();
          releases.add(
              threads.submit(() -> {
                try {
                  return released(cell, seed);
                } finally {
                  carried.release(cell.level().perSecond());
                }
              }));
        }
      }
      List<Release> ended = new ArrayList<>();
      for (Future<Release> release : releases) {
        ended.add(release.get());
      }
      return ended;
    }

    private Release released(Cell cell, long seed) throws IOException, InterruptedException {
      try (MatrixTraffic traffic =
          new MatrixTraffic(
              gateway,
              cell.name(),
              cell.name() + "@2",
              cell.level().perSecond(),
              seed,
              System.nanoTime())) {
        LockSupport.parkNanos(Duration.ofSeconds(10).toNanos()); // the baseline is learnt
        weir.submit(cell.service(2));
        new Polling(START, POLL).require("progress of " + cell.name(), () -> progressing(cell));
        cell.deal();
        var _ = new Polling(longest(cell.level()), SLOW_POLL).holds(() -> over(cell));
        traffic.stop();
        RolloutStatus status = Release.status(client, cell).orElseThrow();
        Release release = new Release(cell, status, traffic.seen(), traffic);
        run.say(line(release).strip());
        return release;
      }
    }

    /// How long a release is observed. It goes on longer by default.
    private Duration longest(Level level) {
      return run.full() ? level.longest() : SAMPLE;
    }

    private boolean progressing(Cell cell) {
      return Release.status(client, cell).filter(Release::begun).isPresent();
    }

    private boolean over(Cell cell) {
      return Release.status(client, cell).filter(Release::over).isPresent();
    }

    private void judge(Release release) {
      Cell cell = release.cell();
      String what = cell.regression().name() + ", " + cell.level().rate();
      if (cell.regression().gross()) {
        run.check("rolled back: " + what, release.reverted(), release.cells());
      } else if (cell.regression().equals(Regression.NONE)) {
        run.check(
            "a healthy version is not rolled back: " + what, !release.reverted(), release.cells());
        run.check(
            "a healthy version gets a larger share: " + what,
            release.promoted() || release.status().weight() > 1,
            release.cells());
        if (run.full()) {
          run.check("a healthy version is promoted: " + what, release.promoted(), release.cells());
        }
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
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<String> much = threads.submit(() -> recorded(MUCH));
        Future<String> little = threads.submit(() -> recorded(LITTLE));
        page.append(much.get()).append(little.get());
      }
      page.append(
          "%nLoad average after the recordings: %.1f.%n"
              .formatted(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
      run.page(page.toString());
    }

    private String recorded(Level level) throws Exception {
      List<Cell> cells =
          cells(withHealthy(Regression.ALL, 1), level.named("recorded" + level.name()));
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
      the judge of the row "quality". Requests are not retried. Healthy means 0.5 % errors, 0.3 % cut
      streams, 2 % refusals, 1 % invalid JSON (half of the requests ask for JSON), 0.2 % loops, 0.2
      % empty answers. One answer in fourteen is poor, which only a judge detects: in the row
      "quality" a simulated judge, itself a Service, grades all answers with .9 or .2. At most
      220 req/s run at a time, because engines and clients share two cores.
      Seconds count from the end of the first canary answer. Canary answers count until no gateway
      routes to the canary. "Bad" counts the answers that the regression damaged; for slow or long
      answers it counts all. The time to a promotion includes the bake of 5 minutes. A release is
      observed for 20 minutes (45 at 8 req/s), then it counts as undecided. The regression starts
      with the first weight.

      | regression | traffic | ended | s to decision | s to weight 0 | canary answers | bad |
      |---|---|---|---|---|---|---|
      """;

  private static final String COMPARISONS =
      """

      ## The same rules over the same slices

      The same engines behind plain Services without a release: one stream of requests to a healthy
      engine and one to each other engine, at the rates of 25 % of the traffic, for 300 s, at both
      levels at a time. The recording is what clients saw, including the noise of the machine.
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
