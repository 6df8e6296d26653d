// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.snapshot.LatencyBuckets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// Counts by latency bucket. Stores only the used range of buckets: the latencies of one replica
/// over five seconds are close together. Not thread-safe.
final class BucketCounts {
  private static final int SLACK = 16;

  private int low;
  private int[] counts = {};

  /// @param micros a latency; values below 0 mean none and are ignored
  void add(long micros) {
    if (micros >= 0) {
      increment(LatencyBuckets.indexOfMicros(micros), 1);
    }
  }

  private void increment(int bucket, int by) {
    if (bucket < low || bucket >= low + counts.length) {
      growTo(bucket);
    }
    counts[bucket - low] += by;
  }

  private void growTo(int bucket) {
    int from = Math.max(0, bucket - SLACK);
    int to = Math.min(LatencyBuckets.COUNT, bucket + SLACK + 1);
    if (counts.length > 0) {
      from = Math.min(from, low);
      to = Math.max(to, low + counts.length);
    }
    int[] grown = new int[to - from];
    System.arraycopy(counts, 0, grown, counts.length == 0 ? 0 : low - from, counts.length);
    low = from;
    counts = grown;
  }

  void addAll(BucketCounts other) {
    for (int i = 0; i < other.counts.length; i++) {
      if (other.counts[i] != 0) {
        increment(other.low + i, other.counts[i]);
      }
    }
  }

  /// Only buckets with counts.
  Map<Integer, Long> toMap() {
    Map<Integer, Long> nonZero = new TreeMap<>();
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] != 0) {
        nonZero.put(low + i, (long) counts[i]);
      }
    }
    return nonZero;
  }

  @Override
  public String toString() {
    return low + "+" + Arrays.toString(counts);
  }
}
