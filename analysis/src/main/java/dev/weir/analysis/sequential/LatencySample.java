// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.Arrays;

/// The latencies of one arm in one slice, as natural logs of seconds; and how many requests were
/// still without an answer at the horizon, which count as exceeding any threshold.
public final class LatencySample {

  private double[] logs = new double[64];
  private int size;
  private long censored;

  public LatencySample() {}

  /// A sample of known latencies in seconds.
  public static LatencySample of(double... seconds) {
    LatencySample sample = new LatencySample();
    for (double s : seconds) {
      sample.add(s);
    }
    return sample;
  }

  /// @throws IllegalArgumentException for what is not a number >= 0; nothing is added then
  public void add(double seconds) {
    if (!(seconds >= 0 && Double.isFinite(seconds))) {
      throw new IllegalArgumentException("a latency is a number of seconds >= 0 but is " + seconds);
    }
    if (size == logs.length) {
      logs = Arrays.copyOf(logs, size * 2);
    }
    logs[size++] = Math.log(seconds);
  }

  public void addCensored() {
    censored++;
  }

  /// All requests, censored ones included.
  public long count() {
    return size + censored;
  }

  public long censored() {
    return censored;
  }

  /// Requests slower than `exp(threshold + shift)` seconds.
  public long exceeding(double thresholdLog, double shiftLog) {
    long exceeding = censored;
    for (int i = 0; i < size; i++) {
      if (logs[i] - shiftLog > thresholdLog) {
        exceeding++;
      }
    }
    return exceeding;
  }

  /// Adds everything to a histogram, censored requests at `censoredLog`.
  public void addTo(LogHistogram histogram, double censoredLog) {
    for (int i = 0; i < size; i++) {
      histogram.add(logs[i]);
    }
    if (censored > 0) {
      histogram.add(censoredLog, censored);
    }
  }
}
