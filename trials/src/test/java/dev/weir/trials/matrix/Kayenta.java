// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.matrix;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;

/// Kayenta's `MannWhitneyClassifier` as section 11.1 of the canary specification has it: every 300
/// s over the last 60 slices of 5 s, on error rate, mean TTFT, mean inter-token latency and, where
/// answers are graded, what the mean grade lacks. A metric is High when the lower limit of the 98 %
/// interval of the shift (normal approximation, no correction for ties) is above a quarter of the
/// estimated shift; any High rolls back. With `ratio` the means must also differ by a quarter
/// (`effectSizeThresholds`).
final class Kayenta {
  private static final int LOOK_SECONDS = 300;
  private static final int SLICES = 60;
  private static final int FEWEST = 5;
  private static final double Z = 2.3263;
  private static final double TOLERANCE = .25;
  private static final double RATIO = 1.25;
  private static final List<ToDoubleFunction<List<ObservedRequest>>> METRICS =
      List.of(Slices::errorRate, Slices::meanTtft, Slices::meanItl, Slices::meanBadness);

  private Kayenta() {}

  /// When it rolls back, in seconds, if within that time.
  static OptionalInt rollback(List<ObservedRequest> seen, int seconds, boolean ratio) {
    for (int end = LOOK_SECONDS; end <= seconds; end += LOOK_SECONDS) {
      int now = end;
      if (METRICS.stream().anyMatch(metric -> high(seen, now, metric, ratio))) {
        return OptionalInt.of(end);
      }
    }
    return OptionalInt.empty();
  }

  private static boolean high(
      List<ObservedRequest> seen,
      int end,
      ToDoubleFunction<List<ObservedRequest>> metric,
      boolean ratio) {
    double[] canary = values(Slices.arm(seen, true), end, metric);
    double[] baseline = values(Slices.arm(seen, false), end, metric);
    return canary.length >= FEWEST
        && baseline.length >= FEWEST
        && shifted(canary, baseline)
        && (!ratio || mean(canary) >= RATIO * mean(baseline));
  }

  private static double[] values(
      List<ObservedRequest> arm, int end, ToDoubleFunction<List<ObservedRequest>> metric) {
    double[] values = new double[SLICES];
    for (int i = 0; i < SLICES; i++) {
      double from = end - (i + 1) * Slices.SECONDS;
      values[i] = metric.applyAsDouble(Slices.between(arm, from, from + Slices.SECONDS));
    }
    return Arrays.stream(values).filter(value -> !Double.isNaN(value)).toArray();
  }

  /// Whether the lower limit of the shift is above a quarter of the Hodges-Lehmann estimate.
  static boolean shifted(double[] canary, double[] baseline) {
    double[] differences = new double[canary.length * baseline.length];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = canary[i / baseline.length] - baseline[i % baseline.length];
    }
    Arrays.sort(differences);
    double n = canary.length;
    double m = baseline.length;
    int rank = (int) Math.floor(n * m / 2 - Z * Math.sqrt(n * m * (n + m + 1) / 12));
    int middle = differences.length / 2;
    double estimate =
        differences.length % 2 == 1
            ? differences[middle]
            : (differences[middle - 1] + differences[middle]) / 2;
    return rank >= 0 && differences[rank] > TOLERANCE * Math.abs(estimate);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }
}
