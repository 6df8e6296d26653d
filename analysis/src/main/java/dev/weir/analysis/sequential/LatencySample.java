// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The latencies of one arm in one slice, as natural logs of seconds; and how many requests were
/// still without an answer at the horizon, which count as exceeding any threshold. A session is one
/// unit; its requests lie in it together.
public final class LatencySample {

  private double[] logs = new double[64];
  private int size;
  private long censored;
  private final List<LatencySample> sessions = new ArrayList<>();

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

  /// Adds the requests of a session as one unit; one without requests is none.
  public void addSession(LatencySample session) {
    if (session.count() > 0) {
      sessions.add(session);
    }
  }

  /// All requests, censored ones included.
  public long count() {
    return size + censored + sessions.stream().mapToLong(LatencySample::count).sum();
  }

  /// What counts once: requests of no session, and sessions.
  public long units() {
    return size + censored + sessions.size();
  }

  public long censored() {
    return censored + sessions.stream().mapToLong(LatencySample::censored).sum();
  }

  /// Requests slower than `exp(threshold + shift)` seconds.
  public long exceeding(double thresholdLog, double shiftLog) {
    long exceeding = loneExceeding(thresholdLog, shiftLog);
    for (LatencySample session : sessions) {
      exceeding += session.exceeding(thresholdLog, shiftLog);
    }
    return exceeding;
  }

  /// The units by how much of them is slower than `exp(threshold + shift)` seconds.
  UnitScores.Arm scores(double thresholdLog, double shiftLog) {
    UnitScores.Arm arm = new UnitScores.Arm();
    arm.add(loneExceeding(thresholdLog, shiftLog), size + censored);
    for (LatencySample session : sessions) {
      arm.addMean(session.exceeding(thresholdLog, shiftLog), session.count());
    }
    return arm;
  }

  private long loneExceeding(double thresholdLog, double shiftLog) {
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
    sessions.forEach(session -> session.addTo(histogram, censoredLog));
  }
}
