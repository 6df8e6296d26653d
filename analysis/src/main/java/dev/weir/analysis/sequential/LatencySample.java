// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The latencies of one arm in one slice, as natural logs of seconds, and the number of requests
/// without a response at the horizon, which exceed any threshold. A session is one unit that
/// contains its requests.
///
/// Two kinds of requests may have latencies that are not comparable. Each is compared with the
/// threshold of its own kind. Requests of a kind without a threshold are not evaluated and only
/// update the histogram. Requests of the first kind may also have a stratum, such as a class of
/// prompt lengths, with a threshold of its own.
public final class LatencySample {
  /// The kind of a request. It must not depend on the arm.
  public enum Kind {
    /// The first kind, or all requests if there is only one.
    PLAIN,
    /// The second kind.
    OTHER
  }

  /// The stratum of a request whose stratum is unknown.
  public static final int NO_STRATUM = -1;

  private static final int CELL_OF_PLAIN = 0;
  private static final int CELL_OF_OTHER = 1;
  private static final int FIRST_CELL_OF_STRATA = 2;

  /// The thresholds of both kinds, log seconds; unused for a kind that is not evaluated.
  ///
  /// @param strata thresholds of the strata of the first kind; empty without strata
  public record Thresholds(double plain, double other, List<Double> strata) {
    public Thresholds {
      strata = List.copyOf(strata);
    }

    static Thresholds same(double log) {
      return new Thresholds(log, log, List.of());
    }

    private double[] byCell() {
      double[] logs = new double[FIRST_CELL_OF_STRATA + strata.size()];
      logs[CELL_OF_PLAIN] = plain;
      logs[CELL_OF_OTHER] = other;
      for (int i = 0; i < strata.size(); i++) {
        logs[FIRST_CELL_OF_STRATA + i] = strata.get(i);
      }
      return logs;
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
    private int[] cells = new int[16];
    private int size;
    private long censoredPlain;
    private long censoredOther;

    void add(double log, int cell) {
      if (size == logs.length) {
        logs = Arrays.copyOf(logs, size * 2);
        cells = Arrays.copyOf(cells, size * 2);
      }
      logs[size] = log;
      cells[size++] = cell;
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
      double[] limits = thresholds.byCell();
      for (int i = 0; i < size; i++) {
        if (logs[i] - shiftLog > limits[cells[i]]) {
          exceeding++;
        }
      }
      return exceeding;
    }

    void addStratumTo(LogHistogram histogram, int stratum) {
      for (int i = 0; i < size; i++) {
        if (cells[i] == FIRST_CELL_OF_STRATA + stratum) {
          histogram.add(logs[i]);
        }
      }
    }

    void addTo(LogHistogram histogram, Kind kind, double censoredLog) {
      for (int i = 0; i < size; i++) {
        if ((cells[i] == CELL_OF_OTHER) == (kind == Kind.OTHER)) {
          histogram.add(logs[i]);
        }
      }
      long censored = kind == Kind.OTHER ? censoredOther : censoredPlain;
      if (censored > 0) {
        histogram.add(censoredLog, censored);
      }
    }
  }

  /// @throws IllegalArgumentException for anything but a number >= 0, in which case nothing is
  ///   added
  public void add(double seconds) {
    add(seconds, Kind.PLAIN, true);
  }

  /// @param judge whether its kind has a threshold
  /// @throws IllegalArgumentException for anything but a number >= 0, in which case nothing is
  ///   added
  public void add(double seconds, Kind kind, boolean judge) {
    add(seconds, kind == Kind.OTHER ? CELL_OF_OTHER : CELL_OF_PLAIN, judge);
  }

  /// Adds a request of the first kind.
  ///
  /// @param stratum from 0, or [#NO_STRATUM]; a stratum needs a threshold in [Thresholds#strata]
  /// @param judge whether its stratum has a threshold
  /// @throws IllegalArgumentException for anything but a number >= 0, in which case nothing is
  ///   added
  public void addPlain(double seconds, int stratum, boolean judge) {
    add(seconds, stratum < 0 ? CELL_OF_PLAIN : FIRST_CELL_OF_STRATA + stratum, judge);
  }

  private void add(double seconds, int cell, boolean judge) {
    if (!(seconds >= 0 && Double.isFinite(seconds))) {
      throw new IllegalArgumentException("a latency is a number of seconds >= 0 but is " + seconds);
    }
    (judge ? judged : unjudged).add(Math.log(seconds), cell);
  }

  public void addCensored() {
    addCensored(Kind.PLAIN, true);
  }

  /// @param judge whether its kind has a threshold
  public void addCensored(Kind kind, boolean judge) {
    (judge ? judged : unjudged).addCensored(kind);
  }

  /// Adds the requests of a session as one unit; a session without requests adds nothing.
  public void addSession(LatencySample session) {
    if (session.count() + session.unjudged.count() > 0) {
      sessions.add(session);
    }
  }

  /// All evaluated requests, including censored ones.
  public long count() {
    return judged.count() + sessions.stream().mapToLong(LatencySample::count).sum();
  }

  /// The number of units: requests without a session, and sessions.
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

  /// The units with the share of their requests that is slower than their own kind's threshold,
  /// shifted.
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

  /// Adds all requests of a kind to a histogram, censored ones at `censoredLog`.
  public void addTo(LogHistogram histogram, Kind kind, double censoredLog) {
    judged.addTo(histogram, kind, censoredLog);
    unjudged.addTo(histogram, kind, censoredLog);
    sessions.forEach(session -> session.addTo(histogram, kind, censoredLog));
  }

  /// Adds all requests of a stratum to a histogram.
  void addStratumTo(LogHistogram histogram, int stratum) {
    judged.addStratumTo(histogram, stratum);
    unjudged.addStratumTo(histogram, stratum);
    sessions.forEach(session -> session.addStratumTo(histogram, stratum));
  }
}
