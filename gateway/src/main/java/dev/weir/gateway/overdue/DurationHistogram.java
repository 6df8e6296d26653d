// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.overdue;

/// Durations by logarithmic bucket, each a tenth wider than the one before, from a millisecond to a
/// day. Old ones fade: all counts are halved whenever there are [#MOST]. Thread-safe.
final class DurationHistogram {
  /// Durations after which all counts are halved.
  static final int MOST = 20_000;

  private static final double LOWEST_NANOS = 1e6;
  private static final double WIDTH = Math.log(1.1);
  private static final int BUCKETS = 192;

  private final int[] counts = new int[BUCKETS];
  private int total;

  synchronized void add(double nanos) {
    double log = Math.log(Math.max(nanos, LOWEST_NANOS) / LOWEST_NANOS);
    counts[Math.min(BUCKETS - 1, (int) (log / WIDTH))]++;
    if (++total >= MOST) {
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

  /// The upper edge, in nanoseconds, of the bucket that holds the quantile; 0 without durations.
  synchronized double quantile(double share) {
    if (total == 0) {
      return 0;
    }
    int above = (int) (total * (1 - share));
    int bucket = BUCKETS - 1;
    for (int seen = counts[bucket]; seen <= above; seen += counts[bucket]) {
      bucket--;
    }
    return LOWEST_NANOS * Math.exp((bucket + 1) * WIDTH);
  }
}
