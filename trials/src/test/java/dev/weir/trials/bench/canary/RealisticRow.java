// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.metric.ReleaseMetric;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.LongFunction;

/// Many rollouts of one kind that is nearer to life than section 11 of the specification, and what
/// must hold of them.
///
/// @param name for the table
/// @param row the figures
/// @param limit of failed first attempts in 95 % of the runs, 0 for none
/// @param breaks whether it shows what would go wrong: healthy canaries are reverted more often
///   than alpha allows
record RealisticRow(String name, Row row, int limit, boolean breaks) {
  private static final List<Double> LADDER = List.of(.01, .05, .25, .50);
  private static final RequestModel.Nearer QUIET = new RequestModel.Nearer(0, 1);
  private static final RequestModel.Nearer SOME = new RequestModel.Nearer(.10, 30);
  private static final RequestModel.Nearer MUCH = new RequestModel.Nearer(.25, 60);
  private static final RequestModel.Nearer SESSIONS = new RequestModel.Nearer(0, 1, 5);
  private static final int MOST_FAILED = 40;

  /// @param runs usual number
  /// @param play a run from its seed
  record Case(
      String name,
      CanaryScenario scenario,
      double weight,
      int runs,
      int limit,
      boolean breaks,
      LongFunction<SimulatedRollout.Result> play) {
    Case breaking() {
      return new Case(name, scenario, weight, runs, limit, true, play);
    }
  }

  /// The usual cases; the whole ladder and much noise only where `full`.
  static List<Case> cases(AnalysisPlan plan, boolean full) {
    List<Case> cases = new ArrayList<>();
    cases.add(outage(plan));
    cases.add(
        of(
            "A/A, outcomes when requests end",
            CanaryScenario.HEALTHY,
            List.of(.05),
            true,
            QUIET,
            plan,
            100));
    cases.add(
        of(
            "TTFT x2, outcomes when requests end",
            CanaryScenario.REGRESSIONS.get(3),
            List.of(.05),
            true,
            QUIET,
            plan,
            40));
    cases.add(
        of(
            "errors 0.5->10 %, outcomes when requests end",
            CanaryScenario.REGRESSIONS.get(1), List.of(.05), true, QUIET, plan, 40));
    cases.addAll(ladders(plan, full));
    cases.add(
        noisy("A/A, noise .10, measured phi", CanaryScenario.HEALTHY, SOME, plan, full ? 400 : 60));
    cases.add(
        noisy(
            "TTFT x2, noise .10, measured phi", CanaryScenario.REGRESSIONS.get(3), SOME, plan, 40));
    cases.addAll(sticky(plan.withDispersion(1), full ? 400 : 60));
    if (full) {
      cases.add(noisy("A/A, noise .25, measured phi", CanaryScenario.HEALTHY, MUCH, plan, 400));
      cases.add(
          noisy(
              "TTFT x2, noise .25, measured phi",
              CanaryScenario.REGRESSIONS.get(3),
              MUCH,
              plan,
              100));
    }
    return cases;
  }

  private static List<Case> ladders(AnalysisPlan plan, boolean full) {
    AnalysisPlan known = plan.withDispersion(1);
    return List.of(
        ladder("A/A, 1 -> 5 -> 25 -> 50 %", CanaryScenario.HEALTHY, known, full ? 400 : 40),
        ladder(
            "the same, noise not known (15)",
            CanaryScenario.HEALTHY,
            plan.withDispersion(15),
            full ? 100 : 20),
        ladder(
            "errors 0.5->2 %, 1 -> 5 -> 25 -> 50 %",
            CanaryScenario.REGRESSIONS.get(2), known, full ? 100 : 20));
  }

  private static Case ladder(String name, CanaryScenario scenario, AnalysisPlan plan, int runs) {
    return of(name, scenario, LADDER, false, QUIET, plan, runs);
  }

  private static List<Case> sticky(AnalysisPlan plan, int healthy) {
    AnalysisPlan strict = CanaryBench.withoutTolerance(plan);
    return List.of(
        sessions("A/A, sessions of 5", CanaryScenario.HEALTHY, false, strict, healthy),
        sessions("the same, requests counted apart", CanaryScenario.HEALTHY, true, strict, healthy)
            .breaking(),
        sessions(
            "errors 0.5->10 %, sessions of 5", CanaryScenario.REGRESSIONS.get(1), false, plan, 40),
        sessions("TTFT x2, sessions of 5", CanaryScenario.REGRESSIONS.get(3), false, plan, 40));
  }

  private static Case sessions(
      String name, CanaryScenario scenario, boolean apart, AnalysisPlan plan, int runs) {
    return of(
        name,
        new RealisticRollout.Setting(scenario, 200, List.of(.05), false, SESSIONS, apart),
        plan,
        runs);
  }

  private static Case outage(AnalysisPlan plan) {
    return new Case(
        "outage seen by fast_error alone",
        CanaryScenario.REGRESSIONS.getFirst(),
        .05,
        400,
        MOST_FAILED,
        false,
        seed -> {
          long failed = RealisticRollout.failedInOutage(200, .05, plan, seed);
          return new SimulatedRollout.Result(
              Optional.of(ReleaseMetric.FAST_ERROR),
              OptionalInt.empty(),
              OptionalInt.empty(),
              failed,
              failed);
        });
  }

  private static Case of(
      String name,
      CanaryScenario scenario,
      List<Double> weights,
      boolean lag,
      RequestModel.Nearer nearer,
      AnalysisPlan plan,
      int runs) {
    return of(name, new RealisticRollout.Setting(scenario, 200, weights, lag, nearer), plan, runs);
  }

  private static Case of(
      String name, RealisticRollout.Setting setting, AnalysisPlan plan, int runs) {
    return new Case(
        name,
        setting.scenario(),
        setting.weights().getFirst(),
        runs,
        0,
        false,
        seed -> new RealisticRollout(setting, plan, seed).play());
  }

  private static Case noisy(
      String name,
      CanaryScenario scenario,
      RequestModel.Nearer noise,
      AnalysisPlan plan,
      int runs) {
    RealisticRollout.Setting setting =
        new RealisticRollout.Setting(scenario, 200, List.of(.05), false, noise);
    return new Case(
        name,
        scenario,
        .05,
        runs,
        0,
        false,
        seed ->
            new RealisticRollout(
                    setting,
                    plan.withCalibration(Noise.calibrated(noise, 200, .05, seed + 1)),
                    seed)
                .play());
  }

  /// Runs a case with results from elsewhere.
  static RealisticRow played(
      Case of,
      int runs,
      Function<LongFunction<SimulatedRollout.Result>, List<SimulatedRollout.Result>> play) {
    Row.Case shown = new Row.Case(of.scenario(), 200, of.weight(), false, runs);
    return new RealisticRow(
        of.name(), new Row(shown, play.apply(of.play())), of.limit(), of.breaks());
  }

  private boolean healthy() {
    return row.of().scenario().equals(CanaryScenario.HEALTHY);
  }

  private long failedIn95Percent() {
    long[] sorted =
        row.results().stream().mapToLong(SimulatedRollout.Result::canaryFailed).sorted().toArray();
    return sorted[(int) Math.ceil(.95 * sorted.length) - 1];
  }

  /// The limit that does not hold, if any: more false rollbacks than alpha explains (the lower
  /// limit of their share is above it; where that is to be shown, no more), or too many failures.
  Optional<String> failure(double alpha) {
    boolean beyond = row.reverted() > 3 + 2 * alpha * row.runs();
    if (healthy() && beyond != breaks) {
      return Optional.of("%s: %d of %d reverted".formatted(name, row.reverted(), row.runs()));
    }
    return limit > 0 && failedIn95Percent() > limit
        ? Optional.of(
            "%s: %d first attempts fail in 95 %% of the runs, at most %d may"
                .formatted(name, failedIn95Percent(), limit))
        : Optional.empty();
  }

  String line() {
    return String.format(
        Locale.ROOT,
        "| %s | %d | %s %% | %s %% | %s | %s | %s (%d) | %s |%n",
        name,
        row.runs(),
        Report.show(row.revertedPercent()),
        Report.show(row.advancedPercent()),
        seconds(row.medianSeconds()),
        seconds(row.medianAdvancedSeconds()),
        Report.show(row.medianFailed()),
        failedIn95Percent(),
        row.revertedBy());
  }

  private static String seconds(OptionalDouble value) {
    return value.isPresent() ? Report.show(value.getAsDouble()) : "-";
  }
}
