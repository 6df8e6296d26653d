// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The latencies of one arm in one slice, as natural logs of seconds; and how many requests were
/// still without an answer at the horizon, which count as exceeding any threshold. A session is one
/// unit; its requests lie in it together.
///
/// There may be two kinds of requests whose latencies cannot be compared with each other. Each is
/// compared with the threshold of its own kind. What a kind has no threshold for yet is not judged
/// and only teaches the histogram.
public final class LatencySample {
  /// The kind of a request. Which it is must not depend on the arm.
  public enum Kind {
    /// All requests where there are no two kinds.
    PLAIN,
    /// The others.
    OTHER
  }

  /// The thresholds of both kinds, log seconds; that of a kind that is not judged is never used.
  public record Thresholds(double plain, double other) {
    static Thresholds same(double log) {
      return new Thresholds(log, log);
    }
  }

  private final Values judged = new Values();
  private final Values unjudged = new Values();
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

  private static final class Values {
    private double[] logs = new double[16];
    private boolean[] other = new boolean[16];
    private int size;
    private long censoredPlain;
    private long censoredOther;

    void add(double log, Kind kind) {
      if (size == logs.length) {
        logs = Arrays.copyOf(logs, size * 2);
        other = Arrays.copyOf(other, size * 2);
      }
      logs[size] = log;
      other[size++] = kind == Kind.OTHER;
    }

    void addCensored(Kind kind) {
      if (kind == Kind.OTHER) {
        censoredOther++;
      } else {
        censoredPlain++;
      }
    }

    long censored() {
      return censoredPlain + censoredOther;
    }

    long count() {
      return size + censored();
    }

    long exceeding(Thresholds thresholds, double shiftLog) {
      long exceeding = censored();
      for (int i = 0; i < size; i++) {
        if (logs[i] - shiftLog > (other[i] ? thresholds.other() : thresholds.plain())) {
          exceeding++;
        }
      }
      return exceeding;
    }

    void addTo(LogHistogram histogram, Kind kind, double censoredLog) {
      for (int i = 0; i < size; i++) {
        if (other[i] == (kind == Kind.OTHER)) {
          histogram.add(logs[i]);
        }
      }
      long censored = kind == Kind.OTHER ? censoredOther : censoredPlain;
      if (censored > 0) {
        histogram.add(censoredLog, censored);
      }
    }
  }

  /// @throws IllegalArgumentException for what is not a number >= 0; nothing is added then
  public void add(double seconds) {
    add(seconds, Kind.PLAIN, true);
  }

  /// @param judge whether there is a threshold for its kind
  /// @throws IllegalArgumentException for what is not a number >= 0; nothing is added then
  public void add(double seconds, Kind kind, boolean judge) {
    if (!(seconds >= 0 && Double.isFinite(seconds))) {
      throw new IllegalArgumentException("a latency is a number of seconds >= 0 but is " + seconds);
    }
    (judge ? judged : unjudged).add(Math.log(seconds), kind);
  }

  public void addCensored() {
    addCensored(Kind.PLAIN, true);
  }

  /// @param judge whether there is a threshold for its kind
  public void addCensored(Kind kind, boolean judge) {
    (judge ? judged : unjudged).addCensored(kind);
  }

  /// Adds the requests of a session as one unit; one without requests is none.
  public void addSession(LatencySample session) {
    if (session.count() + session.unjudged.count() > 0) {
      sessions.add(session);
    }
  }

  /// All requests that are judged, censored ones included.
  public long count() {
    return judged.count() + sessions.stream().mapToLong(LatencySample::count).sum();
  }

  /// What counts once: requests of no session, and sessions.
  public long units() {
    return judged.count() + sessions.stream().filter(session -> session.count() > 0).count();
  }

  public long censored() {
    return judged.censored() + sessions.stream().mapToLong(LatencySample::censored).sum();
  }

  /// Requests slower than `exp(threshold + shift)` seconds.
  public long exceeding(double thresholdLog, double shiftLog) {
    return exceeding(Thresholds.same(thresholdLog), shiftLog);
  }

  /// Requests slower than their own kind's threshold, shifted.
  long exceeding(Thresholds thresholds, double shiftLog) {
    long exceeding = judged.exceeding(thresholds, shiftLog);
    for (LatencySample session : sessions) {
      exceeding += session.exceeding(thresholds, shiftLog);
    }
    return exceeding;
  }

  /// The units by how much of them is slower than their own kind's threshold, shifted.
  UnitScores.Arm scores(Thresholds thresholds, double shiftLog) {
    UnitScores.Arm arm = new UnitScores.Arm();
    arm.add(judged.exceeding(thresholds, shiftLog), judged.count());
    for (LatencySample session : sessions) {
      if (session.count() > 0) {
        arm.addMean(session.exceeding(thresholds, shiftLog), session.count());
      }
    }
    return arm;
  }

  /// Adds everything of a kind to a histogram, censored requests at `censoredLog`.
  public void addTo(LogHistogram histogram, Kind kind, double censoredLog) {
    judged.addTo(histogram, kind, censoredLog);
    unjudged.addTo(histogram, kind, censoredLog);
    sessions.forEach(session -> session.addTo(histogram, kind, censoredLog));
  }
}
