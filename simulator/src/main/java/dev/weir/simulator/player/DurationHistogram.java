// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

/// Durations in 1,024 logarithmic buckets from 1 microsecond to 71 minutes, 32 per doubling, so
/// that quantiles are accurate to 2.2 %. Constant memory. Confined to one thread.
final class DurationHistogram {
  private static final int PER_DOUBLING = 32;
  private static final int BUCKETS = 32 * PER_DOUBLING;

  private final long[] counts = new long[BUCKETS];
  private long count;

  void record(long nanos) {
    counts[bucket(nanos / 1e3)]++;
    count++;
  }

  private static int bucket(double micros) {
    if (micros <= 1) {
      return 0;
    }
    double doublings = Math.log(micros) / Math.log(2);
    return Math.min(BUCKETS - 1, (int) (doublings * PER_DOUBLING));
  }

  long count() {
    return count;
  }

  void addAll(DurationHistogram other) {
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      counts[bucket] += other.counts[bucket];
    }
    count += other.count;
  }

  /// The `share` quantile (0 to 1) in milliseconds, as the middle of its bucket; 0 when empty.
  double millis(double share) {
    if (count == 0) {
      return 0;
    }
    long rank = Math.max(1, (long) Math.ceil(share * count));
    long cumulative = 0;
    int bucket = -1;
    while (cumulative < rank) {
      cumulative += counts[++bucket];
    }
    return Math.pow(2, (bucket + 0.5) / PER_DOUBLING) / 1e3;
  }

  PlayerReport.Quantiles quantiles() {
    return new PlayerReport.Quantiles(count, millis(0.5), millis(0.9), millis(0.95), millis(0.99));
  }
}
