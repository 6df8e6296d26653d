// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.ReleaseMetric;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// `./dev bench canary [--json] [--seed N] [--runs N] [--full] [--ramps] [--report FILE]`:
/// simulated rollouts through the real engine, on all cores. Exit status 0 when false reverts and
/// times to detection are as promised, 1 when not, 64 for wrong usage.
public final class CanaryBench {

  private static final int HEALTHY_RUNS = 2_000;
  private static final int REGRESSION_RUNS = 400;

  private CanaryBench() {}

  /// @param json whether to print JSON rather than the page
  /// @param seed of everything
  /// @param runs healthy runs at 200 req/s and 5 %; other rows in proportion
  /// @param full whether to add the other weights, rates and the exact null
  /// @param report where to write the page, empty for nowhere
  /// @param onlyRamps whether to run only the whole releases with the default policy
  record Options(
      boolean json, long seed, int runs, boolean full, String report, boolean onlyRamps) {

    static Options parse(String... args) {
      Options o = new Options(false, 20_261_123, HEALTHY_RUNS, false, "", false);
      for (int i = 0; i < args.length; i++) {
        o =
            switch (args[i]) {
              case "--json" -> new Options(true, o.seed, o.runs, o.full, o.report, o.onlyRamps);
              case "--full" -> new Options(o.json, o.seed, o.runs, true, o.report, o.onlyRamps);
              case "--seed" ->
                  new Options(o.json, number(args, ++i), o.runs, o.full, o.report, o.onlyRamps);
              case "--runs" ->
                  new Options(
                      o.json, o.seed, (int) number(args, ++i), o.full, o.report, o.onlyRamps);
              case "--report" ->
                  new Options(o.json, o.seed, o.runs, o.full, value(args, ++i), o.onlyRamps);
              case "--ramps" -> new Options(o.json, o.seed, o.runs, o.full, o.report, true);
              default -> throw new IllegalArgumentException("unknown option " + args[i]);
            };
      }
      if (o.runs < 1) {
        throw new IllegalArgumentException("--runs must be at least 1");
      }
      return o;
    }

    private static String value(String[] args, int at) {
      if (at >= args.length) {
        throw new IllegalArgumentException(args[at - 1] + " needs a value");
      }
      return args[at];
    }

    private static long number(String[] args, int at) {
      try {
        return Long.parseLong(value(args, at));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(args[at - 1] + " needs a number", e);
      }
    }

    int runsOf(int usual) {
      return Math.max(1, (int) ((long) usual * runs / HEALTHY_RUNS));
    }
  }

  public static void main(String[] args) throws IOException {
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println("bench canary: " + e.getMessage());
      System.exit(64);
      return;
    }
    long begun = System.nanoTime();
    String commit = commit();
    Report report = run(options);
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
    String page = report.page(new Report.Origin(commit, machine(), seconds));
    if (!options.report().isEmpty()) {
      Files.writeString(Path.of(options.report()), page);
    }
    System.out.println(options.json() ? report.json() : page);
    report.failures().forEach(f -> System.err.println("does not hold: " + f));
    System.exit(report.failures().isEmpty() ? 0 : 1);
  }

  /// Runs every case of the options.
  static Report run(Options options) {
    AnalysisPlan plan = specified();
    List<Row> rows = new ArrayList<>();
    List<RealisticRow> nearer = new ArrayList<>();
    List<RampRow> ramps = new ArrayList<>();
    ExecutorService cores =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      for (Row.Case c : options.onlyRamps() ? List.<Row.Case>of() : cases(options)) {
        long begun = System.nanoTime();
        Row row = play(c, plan, options.seed(), cores);
        rows.add(row);
        System.err.printf(
            Locale.ROOT,
            "%-40s %5d runs, reverted %6.2f %% %s, %d s%n",
            Report.name(row),
            row.runs(),
            row.revertedPercent(),
            row.revertedBy(),
            TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun));
      }
      for (RealisticRow.Case c : realistic(options)) {
        nearer.add(played(c, options, cores));
        System.err.print(nearer.getLast().line());
      }
      for (RampRow.Case c : RampRow.cases(options.full())) {
        ramps.add(played(c, options, cores));
        System.err.print(ramps.getLast().line());
      }
    } finally {
      cores.shutdownNow();
    }
    return new Report(plan.alpha(), options.seed(), rows, nearer, ramps);
  }

  private static List<RealisticRow.Case> realistic(Options options) {
    return options.onlyRamps()
        ? List.of()
        : RealisticRow.cases(AnalysisPlan.defaults(), options.full());
  }

  /// The plan that the specification simulated: errors in one metric, grades known at once.
  private static AnalysisPlan specified() {
    AnalysisPlan defaults = AnalysisPlan.defaults().withDispersion(1).withGrading(1);
    Map<ReleaseMetric, MetricPlan> metrics = new EnumMap<>(defaults.metrics());
    metrics.remove(ReleaseMetric.FAST_ERROR);
    metrics.put(ReleaseMetric.ERROR, defaults.metric(ReleaseMetric.ERROR).withWeight(.20));
    return defaults.withMetrics(metrics);
  }

  private static RealisticRow played(RealisticRow.Case c, Options options, ExecutorService cores) {
    int runs = options.runsOf(c.runs());
    long seedOfCase = options.seed() * 1_000_003 + c.name().hashCode();
    return RealisticRow.played(
        c,
        runs,
        play -> {
          List<Future<SimulatedRollout.Result>> playing = new ArrayList<>();
          for (int i = 0; i < runs; i++) {
            long seed = seedOfCase * 1_000_003 + i;
            playing.add(cores.submit(() -> play.apply(seed)));
          }
          return playing.stream().map(CanaryBench::await).toList();
        });
  }

  private static RampRow played(RampRow.Case c, Options options, ExecutorService cores) {
    int runs = options.runsOf(c.runs());
    long seedOfCase = options.seed() * 1_000_003 + c.name().hashCode();
    List<Future<SimulatedRollout.Result>> playing = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      long seed = seedOfCase * 1_000_003 + i;
      playing.add(cores.submit(() -> c.play(seed)));
    }
    return new RampRow(c, playing.stream().map(CanaryBench::await).toList());
  }

  private static List<Row.Case> cases(Options options) {
    List<Row.Case> cases = new ArrayList<>();
    int healthy = options.runsOf(HEALTHY_RUNS);
    cases.add(new Row.Case(CanaryScenario.HEALTHY, 200, .05, false, healthy));
    cases.add(new Row.Case(CanaryScenario.HEALTHY, 1, .05, false, healthy));
    if (options.full()) {
      cases.add(new Row.Case(CanaryScenario.HEALTHY, 200, .01, false, healthy));
      cases.add(new Row.Case(CanaryScenario.HEALTHY, 200, .25, false, healthy));
      cases.add(new Row.Case(CanaryScenario.HEALTHY, 1, .25, false, healthy));
      cases.add(new Row.Case(CanaryScenario.HEALTHY, 200, .05, true, healthy));
      cases.add(new Row.Case(CanaryScenario.HEALTHY, 1, .25, true, healthy));
    }
    List<Double> weights = options.full() ? List.of(.05, .01, .25) : List.of(.05);
    for (double weight : weights) {
      for (CanaryScenario regression : CanaryScenario.REGRESSIONS) {
        cases.add(new Row.Case(regression, 200, weight, false, options.runsOf(REGRESSION_RUNS)));
      }
    }
    // Each answer is graded where there are few.
    List<Double> few = options.full() ? List.of(.25, .05, .01) : List.of(.25);
    for (double weight : few) {
      cases.add(
          new Row.Case(
              CanaryScenario.WORSE_ANSWERS, 1, weight, false, options.runsOf(REGRESSION_RUNS)));
    }
    return cases;
  }

  private static Row play(Row.Case c, AnalysisPlan plan, long seed, ExecutorService cores) {
    AnalysisPlan used = c.zeroTolerance() ? withoutTolerance(plan) : plan;
    long seedOfCase = seed * 1_000_003 + c.salt();
    List<Future<SimulatedRollout.Result>> playing = new ArrayList<>();
    for (int i = 0; i < c.runs(); i++) {
      long seedOfRun = seedOfCase * 1_000_003 + i;
      playing.add(
          cores.submit(() ->
              new SimulatedRollout(c.scenario(), c.requestsPerSecond(), c.weight(), used, seedOfRun)
                  .play()));
    }
    List<SimulatedRollout.Result> results = new ArrayList<>();
    for (Future<SimulatedRollout.Result> one : playing) {
      results.add(await(one));
    }
    return new Row(c, results);
  }

  private static SimulatedRollout.Result await(Future<SimulatedRollout.Result> one) {
    try {
      return one.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a trial broke", e);
    }
  }

  static AnalysisPlan withoutTolerance(AnalysisPlan plan) {
    AnalysisPlan changed = plan;
    for (ReleaseMetric metric : plan.metrics().keySet()) {
      changed = changed.withMetric(metric, plan.metric(metric).withTolerance(0));
    }
    return changed;
  }

  private static String commit() {
    try {
      Process git =
          new ProcessBuilder("git", "rev-parse", "--short=12", "HEAD")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (InputStream out = git.getInputStream()) {
        String hash = new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
        return hash.isEmpty() ? "unknown" : hash;
      }
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String machine() {
    return "%s, %d cores, Java %s"
        .formatted(
            processor(),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("java.version"));
  }

  private static String processor() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }
}
