// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.overdue;

/// Durations in logarithmic buckets, each a tenth wider than the previous one, from a millisecond
/// to a day. Old ones decay: all counts are halved at [#MAX_TOTAL]. Thread-safe.
final class DurationHistogram {
  /// Number of durations at which all counts are halved.
  static final int MAX_TOTAL = 20_000;

  private static final double LOWEST_NANOS = 1e6;
  private static final double WIDTH = Math.log(1.1);
  private static final int BUCKETS = 192;

  private final int[] counts = new int[BUCKETS];
  private int total;

  synchronized void add(double nanos) {
    double log = Math.log(Math.max(nanos, LOWEST_NANOS) / LOWEST_NANOS);
    counts[Math.min(BUCKETS - 1, (int) (log / WIDTH))]++;
    if (++total >= MAX_TOTAL) {
      halve();
    }
  }

  private void halve() {
    total = 0;
    for (int i = 0; i < BUCKETS; i++) {
      counts[i] /= 2;
      total += counts[i];
    }
  }

  synchronized int total() {
    return total;
  }

  /// The upper edge, in nanoseconds, of the bucket with the quantile; 0 without durations.
  synchronized double quantile(double share) {
    if (total == 0) {
      return 0;
    }
    int above = (int) (total * (1 - share));
    int bucket = BUCKETS - 1;
    for (int counted = counts[bucket]; counted <= above; counted += counts[bucket]) {
      bucket--;
    }
    return LOWEST_NANOS * Math.exp((bucket + 1) * WIDTH);
  }
}
