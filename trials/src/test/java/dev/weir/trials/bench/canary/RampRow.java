// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import dev.weir.analysis.AnalysisPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/// Many releases with the default policy at one request rate and one noise between replicas.
///
/// @param results of all runs
record RampRow(Case of, List<SimulatedRollout.Result> results) {
  private static final List<Double> RATES = List.of(1.0, 5.0, 10.0, 40.0, 200.0);
  private static final List<Double> NOISES = List.of(0.0, .10, .25);
  private static final double NOISE_SECONDS = 60;
  private static final double SECONDS_PER_MINUTE = 60;

  RampRow {
    results = List.copyOf(results);
  }

  /// @param noise standard deviation of each replica's own log-TTFT
  /// @param runs usual number of runs
  record Case(CanaryScenario scenario, double requestsPerSecond, double noise, int runs) {
    SimulatedRollout.Result play(long seed) {
      AnalysisPlan plan = RampRollout.plan(requestsPerSecond);
      RequestModel.Nearer nearer = new RequestModel.Nearer(noise, NOISE_SECONDS);
      return new RampRollout(scenario, requestsPerSecond, nearer, plan, seed).play();
    }

    boolean healthy() {
      return scenario.equals(CanaryScenario.HEALTHY);
    }

    String name() {
      return "%s, %s req/s, noise %s"
          .formatted(scenario.name(), Report.show(requestsPerSecond), Report.show(noise));
    }
  }

  static List<Case> cases(boolean full) {
    List<Case> cases = new ArrayList<>();
    for (double noise : NOISES) {
      for (double rate : RATES) {
        cases.add(new Case(CanaryScenario.HEALTHY, rate, noise, full ? 400 : 20));
      }
    }
    for (CanaryScenario regression : CanaryScenario.REGRESSIONS.subList(0, 4)) {
      for (double rate : List.of(5.0, 40.0, 200.0)) {
        cases.add(new Case(regression, rate, 0, full ? 400 : 20));
      }
    }
    cases.add(new Case(CanaryScenario.REGRESSIONS.get(3), 40, .10, full ? 400 : 20));
    return cases;
  }

  double promotedPercent() {
    return percent(results.stream().filter(r -> r.advancedSeconds().isPresent()).count());
  }

  double revertedPercent() {
    return percent(results.stream().filter(r -> r.revertedBy().isPresent()).count());
  }

  private double percent(long count) {
    return 100.0 * count / results.size();
  }

  OptionalDouble medianMinutes() {
    return quantile(
        results.stream()
            .flatMapToInt(r -> r.advancedSeconds().stream())
            .mapToDouble(seconds -> seconds / SECONDS_PER_MINUTE),
        .5);
  }

  OptionalDouble medianSeconds() {
    return quantile(
        results.stream().flatMapToInt(r -> r.revertedSeconds().stream()).asDoubleStream(), .5);
  }

  /// Failed answers for failures, all answers of the canary for other regressions.
  double badAnswers(double quantile) {
    boolean fails = of.scenario().harmsByFailing();
    return quantile(
            results.stream().mapToDouble(r -> fails ? r.canaryFailed() : r.canaryServed()),
            quantile)
        .orElse(0);
  }

  private static OptionalDouble quantile(DoubleStream values, double q) {
    double[] sorted = values.sorted().toArray();
    return sorted.length == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(sorted[Math.max(0, (int) Math.ceil(q * sorted.length) - 1)]);
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    if (!of.healthy()) {
      json.put("regression", of.scenario().name());
    }
    json.put("reqPerSecond", of.requestsPerSecond());
    json.put("noise", of.noise());
    if (of.healthy()) {
      json.put("policy", "default");
    }
    json.put("runs", results.size());
    if (of.healthy()) {
      json.put("promotedPercent", promotedPercent());
      json.put("falseRevertPercent", revertedPercent());
      json.put("medianMinutes", known(medianMinutes()));
    } else {
      json.put("revertedPercent", revertedPercent());
      json.put("medianSeconds", known(medianSeconds()));
      json.put("badAnswersMedian", badAnswers(.5));
      json.put("badAnswers95", badAnswers(.95));
    }
    return json;
  }

  private static Optional<Double> known(OptionalDouble value) {
    return value.isPresent() ? Optional.of(value.getAsDouble()) : Optional.empty();
  }

  /// A line of the table of promotions, or of the table of regressions.
  String line() {
    return of.healthy()
        ? String.format(
            Locale.ROOT,
            "| %s | %s | %d | %s %% | %s %% | %s |%n",
            Report.show(of.requestsPerSecond()),
            Report.show(of.noise()),
            results.size(),
            Report.show(promotedPercent()),
            Report.show(revertedPercent()),
            show(medianMinutes()))
        : String.format(
            Locale.ROOT,
            "| %s | %s | %s | %d | %s %% | %s | %s (%s) |%n",
            of.scenario().name(),
            Report.show(of.requestsPerSecond()),
            Report.show(of.noise()),
            results.size(),
            Report.show(revertedPercent()),
            show(medianSeconds()),
            Report.show(badAnswers(.5)),
            Report.show(badAnswers(.95)));
  }

  private static String show(OptionalDouble value) {
    return Arrays.stream(value.stream().toArray()).mapToObj(Report::show).findFirst().orElse("-");
  }
}
