// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/// A decayed histogram of the natural logs of latencies in seconds: 1000 buckets of width 0.02 (two
/// per cent) over [-10, 10), about 45 microseconds to six hours. Values outside count in the first
/// or last bucket.
///
/// As the threshold source of a [LatencyDetector] it contains *baseline data of earlier slices
/// only*. So its quantiles are predictable, and errors in them cost power, never validity.
public final class LogHistogram {

  /// Number of buckets.
  public static final int BUCKETS = 1000;

  /// Log of the lower edge of bucket 0.
  public static final double LOWEST_LOG = -10.0;

  /// Width of a bucket, in log units.
  public static final double WIDTH = 0.02;

  private final double[] weights = new double[BUCKETS];
  private double total;

  public LogHistogram() {}

  /// A histogram with the given content.
  public static LogHistogram of(Buckets buckets) {
    LogHistogram histogram = new LogHistogram();
    histogram.merge(buckets);
    return histogram;
  }

  /// The bucket of a log value.
  public static int bucketOf(double log) {
    return Math.clamp((int) ((log - LOWEST_LOG) / WIDTH), 0, BUCKETS - 1);
  }

  /// Ages everything by one slice.
  public void decay(double factor) {
    for (int i = 0; i < BUCKETS; i++) {
      weights[i] *= factor;
    }
    total *= factor;
  }

  /// Adds one value, given as its log.
  public void add(double log) {
    add(log, 1);
  }

  /// Adds `count` equal values.
  public void add(double log, long count) {
    if (Double.isNaN(log) || count < 0) {
      throw new IllegalArgumentException(
          "a histogram takes numbers, not %s (x%d)".formatted(log, count));
    }
    weights[bucketOf(log)] += count;
    total += count;
  }

  /// Adds the content of another histogram, for example of a telemetry slice.
  public void merge(Buckets buckets) {
    for (int i = 0; i < buckets.indexes().size(); i++) {
      weights[buckets.indexes().get(i)] += buckets.weights().get(i);
    }
    total += buckets.total();
  }

  /// The decayed total.
  public double total() {
    return total;
  }

  /// Log of the upper edge of the bucket that contains quantile `q`; the top of the range without
  /// data, or if rounding leaves the sum short.
  public double quantileLog(double q) {
    double target = q * total;
    double cumulated = 0;
    for (int i = 0; i < BUCKETS; i++) {
      cumulated += weights[i];
      if (cumulated >= target && weights[i] > 0) {
        return LOWEST_LOG + (i + 1) * WIDTH;
      }
    }
    return LOWEST_LOG + BUCKETS * WIDTH;
  }

  /// The share of values above a log value; 0 without data.
  public double shareAbove(double log) {
    double above = 0;
    for (int i = bucketOf(log) + 1; i < BUCKETS; i++) {
      above += weights[i];
    }
    return total > 0 ? Math.min(1, above / total) : 0;
  }

  /// Quantile `q` in milliseconds, the middle of its bucket, for display; empty without data.
  public OptionalDouble quantileMillis(double q) {
    return total > 0
        ? OptionalDouble.of(1000 * Math.exp(quantileLog(q) - WIDTH / 2))
        : OptionalDouble.empty();
  }

  /// The content, to store or to merge into another histogram.
  public Buckets buckets() {
    List<Integer> indexes = new ArrayList<>();
    List<Double> filled = new ArrayList<>();
    for (int i = 0; i < BUCKETS; i++) {
      if (weights[i] > 0) {
        indexes.add(i);
        filled.add(weights[i]);
      }
    }
    return new Buckets(indexes, filled, total);
  }

  /// Removes all values.
  public void clear() {
    Arrays.fill(weights, 0);
    total = 0;
  }
}
