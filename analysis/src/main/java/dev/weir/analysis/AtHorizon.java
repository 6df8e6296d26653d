// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

/// What a metric says of one request *as it stood at its horizon*, a fixed time after its arrival.
///
/// Everything that happened later is ignored, also when it is known already. So the answer depends
/// on neither when records were delivered nor which arm answers faster, and a cohort may be
/// consumed early once all its requests are settled. For the same reason a request that got its
/// first token stays in `error` and `ttft` even if the client goes away afterwards.
final class AtHorizon {

  /// What a rate metric says of a request.
  enum Badness {
    EXCLUDED,
    GOOD,
    BAD
  }

  /// Of a latency metric: the request does not count.
  static final long EXCLUDED = -1;

  /// Of a latency metric: no answer by the horizon, which is slower than any threshold.
  static final long CENSORED = -2;

  private AtHorizon() {}

  /// Whether nothing that may still happen can change what the metric says.
  static boolean settled(Metric metric, Observation seen) {
    return switch (metric) {
      case ERROR, TTFT -> seen.ttftMicros().isPresent() || seen.outcome() != Outcome.PENDING;
      case TRUNCATED, ITL -> seen.outcome() != Outcome.PENDING;
    };
  }

  /// Badness for a rate metric.
  static Badness rate(Metric metric, Observation seen, long horizonMicros) {
    return switch (metric) {
      case ERROR -> error(seen, horizonMicros);
      case TRUNCATED -> truncated(seen, horizonMicros);
      case TTFT, ITL -> throw new IllegalArgumentException(metric + " is not a rate");
    };
  }

  /// Microseconds for a latency metric, or [#EXCLUDED] or [#CENSORED].
  static long latencyMicros(Metric metric, Observation seen, long horizonMicros) {
    return switch (metric) {
      case TTFT -> ttft(seen, horizonMicros);
      case ITL -> itl(seen, horizonMicros);
      case ERROR, TRUNCATED -> throw new IllegalArgumentException(metric + " is not a latency");
    };
  }

  // A hang is not called an error here: the gateway's first-token deadline, a second before the
  // horizon, makes it one. Until then (and for answers that are not streamed) ttft sees it.
  private static Badness error(Observation seen, long horizonMicros) {
    if (hasFirstToken(seen, horizonMicros) || !hasEnded(seen, horizonMicros)) {
      return Badness.GOOD;
    }
    return switch (seen.outcome()) {
      case FAILURE, BACKPRESSURE -> wasCut(seen) ? Badness.GOOD : Badness.BAD;
      case SUCCESS, PENDING -> Badness.GOOD;
      case NEUTRAL -> Badness.EXCLUDED;
    };
  }

  private static Badness truncated(Observation seen, long horizonMicros) {
    if (!hasEnded(seen, horizonMicros)) {
      return Badness.GOOD;
    }
    if (seen.outcome() == Outcome.NEUTRAL || failedWithoutAnswer(seen)) {
      return Badness.EXCLUDED;
    }
    return wasCut(seen) ? Badness.BAD : Badness.GOOD;
  }

  private static long ttft(Observation seen, long horizonMicros) {
    if (hasFirstToken(seen, horizonMicros)) {
      return seen.ttftMicros().getAsLong();
    }
    return hasEnded(seen, horizonMicros) ? EXCLUDED : CENSORED;
  }

  private static long itl(Observation seen, long horizonMicros) {
    if (!hasEnded(seen, horizonMicros)) {
      return hasFirstToken(seen, horizonMicros) ? CENSORED : EXCLUDED;
    }
    boolean excluded = seen.outcome() == Outcome.NEUTRAL || failedWithoutAnswer(seen);
    return excluded ? EXCLUDED : seen.meanItlMicros().orElse(EXCLUDED);
  }

  private static boolean hasFirstToken(Observation seen, long horizonMicros) {
    return seen.ttftMicros().isPresent() && seen.ttftMicros().getAsLong() <= horizonMicros;
  }

  // Without a time of its own the end is taken to be in time, but never before the first token.
  static boolean hasEnded(Observation seen, long horizonMicros) {
    return seen.outcome() != Outcome.PENDING
        && seen.ttftMicros().orElse(0) <= horizonMicros
        && seen.endedMicros().orElse(0) <= horizonMicros;
  }

  // A failure after the first token is a cut stream, whether it is flagged or not.
  private static boolean wasCut(Observation seen) {
    return seen.truncated() || (failed(seen) && seen.ttftMicros().isPresent());
  }

  private static boolean failedWithoutAnswer(Observation seen) {
    return failed(seen) && !wasCut(seen);
  }

  private static boolean failed(Observation seen) {
    return seen.outcome() == Outcome.FAILURE || seen.outcome() == Outcome.BACKPRESSURE;
  }
}
