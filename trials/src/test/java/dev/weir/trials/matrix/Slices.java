// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.matrix;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/// Parts of a recording, and what they come to.
final class Slices {
  static final int SECONDS = 5;
  private static final double MICROS = 1e6;
  private static final double BEST = 1_000;

  private Slices() {}

  /// Requests that were sent in [from, to), in seconds.
  static List<ObservedRequest> between(List<ObservedRequest> seen, double from, double to) {
    return seen.stream()
        .filter(one -> one.atMicros() >= from * MICROS && one.atMicros() < to * MICROS)
        .toList();
  }

  static List<ObservedRequest> arm(List<ObservedRequest> seen, boolean canary) {
    return seen.stream().filter(one -> one.canary() == canary).toList();
  }

  /// NaN for none.
  static double errorRate(List<ObservedRequest> seen) {
    return mean(seen.stream().mapToDouble(one -> one.failed() ? 1 : 0));
  }

  static double meanTtft(List<ObservedRequest> seen) {
    return mean(known(seen, ObservedRequest::ttftMicros));
  }

  static double meanItl(List<ObservedRequest> seen) {
    return mean(known(seen, ObservedRequest::itlMicros));
  }

  /// The mean distance to the best grade, NaN without grades.
  static double meanBadness(List<ObservedRequest> seen) {
    return mean(known(seen, ObservedRequest::quality).map(grade -> 1 - grade / BEST));
  }

  /// The nearest rank, NaN for none.
  static double ttftQuantile(List<ObservedRequest> seen, double q) {
    double[] sorted = known(seen, ObservedRequest::ttftMicros).sorted().toArray();
    return sorted.length == 0 ? Double.NaN : sorted[(int) Math.ceil(q * sorted.length) - 1];
  }

  private static DoubleStream known(
      List<ObservedRequest> seen, ToDoubleFunction<ObservedRequest> micros) {
    return seen.stream().mapToDouble(micros).filter(value -> value >= 0);
  }

  private static double mean(DoubleStream values) {
    return values.average().orElse(Double.NaN);
  }
}
