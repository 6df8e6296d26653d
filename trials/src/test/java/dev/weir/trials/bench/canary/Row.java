// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.testkit.ClopperPearson;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.LongStream;

/// Many trials of one kind.
record Row(Case of, List<SimulatedRollout.Result> results) {

  /// @param scenario what is wrong with the canary
  /// @param requestsPerSecond both arms together
  /// @param weight canary share
  /// @param zeroTolerance whether the tolerances are 0, which makes a healthy canary the exact null
  /// @param runs how many trials
  record Case(
      CanaryScenario scenario,
      int requestsPerSecond,
      double weight,
      boolean zeroTolerance,
      int runs) {

    /// Separates the random numbers of one case from those of all others.
    long salt() {
      long salt = scenario.name().hashCode();
      salt = 31 * salt + requestsPerSecond;
      salt = 31 * salt + Double.doubleToLongBits(weight);
      return 31 * salt + (zeroTolerance ? 1 : 0);
    }
  }

  int runs() {
    return results.size();
  }

  long reverted() {
    return results.stream().filter(r -> r.revertedBy().isPresent()).count();
  }

  double revertedPercent() {
    return 100.0 * reverted() / runs();
  }

  double advancedPercent() {
    return 100.0 * results.stream().filter(r -> r.advancedSeconds().isPresent()).count() / runs();
  }

  /// Median over the runs that advanced.
  OptionalDouble medianAdvancedSeconds() {
    return median(results.stream().flatMapToInt(r -> r.advancedSeconds().stream()).asLongStream());
  }

  /// Median over the runs that reverted.
  OptionalDouble medianSeconds() {
    return median(results.stream().flatMapToInt(r -> r.revertedSeconds().stream()).asLongStream());
  }

  /// Median over all runs of the answers that users got worse for the bad version.
  double medianBadAnswers() {
    boolean failing = of.scenario().harmsByFailing();
    return median(results.stream().mapToLong(r -> failing ? r.canaryFailed() : r.canaryServed()))
        .orElse(0);
  }

  /// Median over all runs of failed canary requests.
  double medianFailed() {
    return median(results.stream().mapToLong(SimulatedRollout.Result::canaryFailed)).orElse(0);
  }

  /// How often each metric was the one that reverted.
  Map<ReleaseMetric, Long> revertedBy() {
    Map<ReleaseMetric, Long> by = new EnumMap<>(ReleaseMetric.class);
    results.forEach(r -> r.revertedBy().ifPresent(m -> by.merge(m, 1L, Long::sum)));
    return by;
  }

  /// One-sided 95 % upper limit of the share of reverts, in per cent (Clopper and Pearson).
  double revertedUpperPercent() {
    return 100 * ClopperPearson.upper95(reverted(), runs());
  }

  private static OptionalDouble median(LongStream values) {
    long[] sorted = values.sorted().toArray();
    int n = sorted.length;
    return n == 0
        ? OptionalDouble.empty()
        : Arrays.stream(sorted, (n - 1) / 2, n / 2 + 1).average();
  }
}
