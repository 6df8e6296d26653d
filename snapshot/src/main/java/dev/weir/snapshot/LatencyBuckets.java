// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

/// The buckets of every latency histogram on the wire: the natural logarithm of seconds from -10
/// (45 microseconds) to 10 (6 hours) in steps of 0.02, so that a bucket is 2 % wide (statistics
/// specification, section 5, item 1). Values outside count in the first or last bucket.
public final class LatencyBuckets {
  public static final int COUNT = 1000;

  private static final double LOWEST = -10;
  private static final double WIDTH = 0.02;

  private LatencyBuckets() {}

  /// The bucket of a latency, 0 to 999.
  ///
  /// @param micros microseconds; 0 and below count in bucket 0
  public static int indexOfMicros(long micros) {
    return micros <= 0 ? 0 : indexOfLogSeconds(Math.log(micros * 1e-6));
  }

  /// The bucket of a latency, given the natural logarithm of its seconds.
  public static int indexOfLogSeconds(double logSeconds) {
    int index = (int) Math.floor((logSeconds - LOWEST) / WIDTH);
    return Math.clamp(index, 0, COUNT - 1);
  }

  /// The upper edge of a bucket as natural logarithm of seconds.
  public static double upperLogSeconds(int index) {
    return LOWEST + (index + 1) * WIDTH;
  }

  /// The upper edge of a bucket in seconds.
  public static double upperSeconds(int index) {
    return Math.exp(upperLogSeconds(index));
  }
}
