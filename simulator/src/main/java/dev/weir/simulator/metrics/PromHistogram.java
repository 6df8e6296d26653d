// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.metrics;

import java.util.Arrays;

/// One Prometheus histogram. Confined to one thread.
final class PromHistogram {
  private final double[] bounds;
  private final long[] counts;
  private double sum;
  private long count;

  PromHistogram(double... bounds) {
    this.bounds = bounds.clone();
    this.counts = new long[bounds.length];
  }

  /// A histogram with the bounds 1, 2, 5 times powers of ten up to `max`, as in vLLM.
  static PromHistogram oneTwoFive(int max) {
    double[] bounds = new double[30];
    int size = 0;
    for (long power = 1; ; power *= 10) {
      for (int digit : new int[] {1, 2, 5}) {
        if (digit * power > max) {
          return new PromHistogram(Arrays.copyOf(bounds, size));
        }
        bounds[size++] = digit * power;
      }
    }
  }

  void observe(double value) {
    sum += value;
    count++;
    int at = Arrays.binarySearch(bounds, value);
    int bucket = at >= 0 ? at : -at - 1;
    if (bucket < counts.length) {
      counts[bucket]++;
    }
  }

  void render(String name, String labels, StringBuilder out) {
    long cumulative = 0;
    for (int bucket = 0; bucket < bounds.length; bucket++) {
      cumulative += counts[bucket];
      line(name + "_bucket", labels, PromText.number(bounds[bucket]), cumulative, out);
    }
    line(name + "_bucket", labels, "+Inf", count, out);
    PromText.sample(name + "_count", labels, count, out);
    PromText.sample(name + "_sum", labels, sum, out);
  }

  private static void line(
      String name, String labels, String bound, long value, StringBuilder out) {
    PromText.sample(name, labels + ",le=\"" + bound + "\"", value, out);
  }
}
