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
  static List<Seen> between(List<Seen> seen, double from, double to) {
    return seen.stream()
        .filter(one -> one.atMicros() >= from * MICROS && one.atMicros() < to * MICROS)
        .toList();
  }

  static List<Seen> arm(List<Seen> seen, boolean canary) {
    return seen.stream().filter(one -> one.canary() == canary).toList();
  }

  /// NaN for none.
  static double errorRate(List<Seen> seen) {
    return mean(seen.stream().mapToDouble(one -> one.failed() ? 1 : 0));
  }

  static double meanTtft(List<Seen> seen) {
    return mean(known(seen, Seen::ttftMicros));
  }

  static double meanItl(List<Seen> seen) {
    return mean(known(seen, Seen::itlMicros));
  }

  /// What is missing of the best grade, NaN where nothing is graded.
  static double meanBadness(List<Seen> seen) {
    return mean(known(seen, Seen::quality).map(grade -> 1 - grade / BEST));
  }

  /// The nearest rank, NaN for none.
  static double ttftQuantile(List<Seen> seen, double q) {
    double[] sorted = known(seen, Seen::ttftMicros).sorted().toArray();
    return sorted.length == 0 ? Double.NaN : sorted[(int) Math.ceil(q * sorted.length) - 1];
  }

  private static DoubleStream known(List<Seen> seen, ToDoubleFunction<Seen> micros) {
    return seen.stream().mapToDouble(micros).filter(value -> value >= 0);
  }

  private static double mean(DoubleStream values) {
    return values.average().orElse(Double.NaN);
  }
}
