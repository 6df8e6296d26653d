// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

/// What a metric says of one request *as it stood at its horizon*, a fixed time after its arrival.
///
/// Everything that happened later is ignored, also when it is known already. So the answer depends
/// on neither when records were delivered nor which arm answers faster, and a cohort may be
/// consumed early once all its requests are settled. For the same reason a request that got its
/// first token stays in `error` and `ttft` even if the client goes away afterwards.
final class MetricEvaluator {

  /// Of a score: the answer was to be graded and has no grade.
  static final int UNGRADED = -2;

  /// What a rate metric says of a request.
  enum Badness {
    EXCLUDED,
    GOOD,
    BAD
  }

  /// Of a metric that is no rate, and of a score: the request does not count.
  static final long EXCLUDED = -1;

  /// Of a metric that is no rate: no answer by the horizon, which is slower than any threshold.
  static final long CENSORED = -2;

  private static final double MICROS_PER_SECOND = 1e6;

  /// Stands for the length of an answer that is still being written: longer than any threshold.
  private static final double ENDLESS = Math.exp(10);

  private MetricEvaluator() {}

  /// Whether nothing that may still happen to a unit's requests can change what the metric says.
  static boolean settled(ReleaseMetric metric, Observation unit) {
    for (Observation seen : unit.requests()) {
      if (!settledAlone(metric, seen)) {
        return false;
      }
    }
    return true;
  }

  private static boolean settledAlone(ReleaseMetric metric, Observation seen) {
    boolean begun = begunSettles(metric, seen) && seen.ttftMicros().isPresent();
    boolean awaited = metric.waitsForAGrade() && whole(seen) && lacksItsGrade(seen);
    return begun || (seen.outcome() != Outcome.PENDING && !awaited);
  }

  // The first byte of an answer in one piece does not say that the rest is in order.
  private static boolean begunSettles(ReleaseMetric metric, Observation seen) {
    return !metric.waitsForTheEnd() && !(metric == ReleaseMetric.ERROR && seen.form().inOnePiece());
  }

  private static boolean lacksItsGrade(Observation seen) {
    return seen.quality() == Observation.NO_GRADE;
  }

  /// Badness for a rate metric.
  static Badness rate(ReleaseMetric metric, Observation seen, long horizonMicros) {
    return switch (metric) {
      case ERROR -> error(seen, horizonMicros);
      case TRUNCATED -> truncated(seen, horizonMicros);
      case EMPTY -> empty(seen, horizonMicros);
      case REFUSAL -> answer(seen, horizonMicros, AnswerTrait.REFUSAL);
      case REPETITION -> answer(seen, horizonMicros, AnswerTrait.REPETITION);
      case INVALID_JSON -> json(seen, horizonMicros);
      case FAST_ERROR, TTFT, ITL, E2E_PER_TOKEN, LENGTH_UP, LENGTH_DOWN, QUALITY ->
          throw new IllegalArgumentException(metric + " is no rate of cohorts");
    };
  }

  /// For latencies and lengths: seconds, tokens, or what becomes of tokens when fewer are worse;
  /// else [#EXCLUDED] or [#CENSORED].
  static double size(ReleaseMetric metric, Observation seen, long horizonMicros) {
    return switch (metric) {
      case TTFT -> seconds(ttft(seen, horizonMicros));
      case ITL -> seconds(itl(seen, horizonMicros));
      case E2E_PER_TOKEN -> perToken(seen, horizonMicros);
      case LENGTH_UP, LENGTH_DOWN -> length(metric == ReleaseMetric.LENGTH_UP, seen, horizonMicros);
      case ERROR, FAST_ERROR, TRUNCATED, EMPTY, REFUSAL, INVALID_JSON, REPETITION, QUALITY ->
          throw new IllegalArgumentException(metric + " is neither a latency nor a length");
    };
  }

  /// Badness for a score, in thousandths, of an answer that was whole by `endMicros`; else
  /// [#EXCLUDED] or [#UNGRADED]. A grade is told only if it came in time, and has no time itself.
  ///
  /// @param endMicros the horizon of the end of a request, without the time that grades have
  static int score(Observation seen, long endMicros) {
    if (!hasEnded(seen, endMicros) || !whole(seen) || seen.quality() == Observation.NOT_GRADED) {
      return (int) EXCLUDED;
    }
    return lacksItsGrade(seen) ? UNGRADED : Observation.BEST - seen.quality();
  }

  private static double seconds(long micros) {
    return micros < 0 ? micros : micros / MICROS_PER_SECOND;
  }

  // A hang is not called an error here: the gateway's first-token deadline, a second before the
  // horizon, makes it one; for an answer in one piece its own deadline does. Until then ttft sees
  // it.
  private static Badness error(Observation seen, long horizonMicros) {
    boolean begun = !seen.form().inOnePiece() && hasFirstToken(seen, horizonMicros);
    if (begun || !hasEnded(seen, horizonMicros)) {
      return Badness.GOOD;
    }
    return switch (seen.outcome()) {
      case FAILURE, BACKPRESSURE -> wasCut(seen) ? Badness.GOOD : Badness.BAD;
      case SUCCESS, PENDING -> Badness.GOOD;
      case NEUTRAL -> Badness.EXCLUDED;
    };
  }

  // What comes in one piece cannot be cut after its first token: counted here, it would only dilute
  // what the streams show.
  private static Badness truncated(Observation seen, long horizonMicros) {
    if (seen.form().inOnePiece()) {
      return Badness.EXCLUDED;
    }
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
    if (seen.form().inOnePiece()) {
      return EXCLUDED;
    }
    if (!hasEnded(seen, horizonMicros)) {
      return hasFirstToken(seen, horizonMicros) ? CENSORED : EXCLUDED;
    }
    boolean excluded = seen.outcome() == Outcome.NEUTRAL || failedWithoutAnswer(seen);
    return excluded ? EXCLUDED : seen.meanItlMicros().orElse(EXCLUDED);
  }

  // What has begun and not ended by the horizon has taken longer than that already.
  private static double perToken(Observation seen, long horizonMicros) {
    if (seen.form() == AnswerForm.OTHER) {
      return EXCLUDED;
    }
    if (!hasEnded(seen, horizonMicros)) {
      return hasFirstToken(seen, horizonMicros) ? CENSORED : EXCLUDED;
    }
    return whole(seen) && seen.endedMicros().isPresent() && seen.outputTokens().orElse(0) > 0
        ? seconds(seen.endedMicros().getAsLong()) / seen.outputTokens().getAsLong()
        : EXCLUDED;
  }

  // Fewer is worse: the reciprocal turns that into more is worse.
  private static double length(boolean moreIsWorse, Observation seen, long horizonMicros) {
    if (seen.form() == AnswerForm.OTHER) {
      return EXCLUDED;
    }
    if (!hasEnded(seen, horizonMicros)) {
      boolean writes = hasFirstToken(seen, horizonMicros);
      return !writes ? EXCLUDED : moreIsWorse ? ENDLESS : 1 / ENDLESS;
    }
    long tokens = whole(seen) ? seen.outputTokens().orElse(0) : 0;
    return tokens <= 0 ? EXCLUDED : moreIsWorse ? tokens : 1.0 / tokens;
  }

  // A gateway that does not report the form does not report empty answers either.
  private static Badness empty(Observation seen, long horizonMicros) {
    return seen.form() == AnswerForm.UNKNOWN
        ? Badness.EXCLUDED
        : answer(seen, horizonMicros, AnswerTrait.EMPTY);
  }

  // What is no text neither refuses nor runs into a loop.
  private static Badness answer(Observation seen, long horizonMicros, AnswerTrait bad) {
    if (seen.form() == AnswerForm.OTHER) {
      return Badness.EXCLUDED;
    }
    if (!hasEnded(seen, horizonMicros)) {
      return Badness.GOOD;
    }
    if (seen.outcome() == Outcome.NEUTRAL || failedWithoutAnswer(seen)) {
      return Badness.EXCLUDED;
    }
    return seen.is(bad) ? Badness.BAD : Badness.GOOD;
  }

  // Of an answer that was cut nobody can expect JSON; `truncated` has it.
  private static Badness json(Observation seen, long horizonMicros) {
    if (!hasEnded(seen, horizonMicros) || !whole(seen) || !seen.is(AnswerTrait.JSON_ASKED)) {
      return Badness.EXCLUDED;
    }
    return seen.is(AnswerTrait.INVALID_JSON) ? Badness.BAD : Badness.GOOD;
  }

  private static boolean whole(Observation seen) {
    return seen.outcome() == Outcome.SUCCESS && !seen.truncated();
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
    boolean cut = seen.truncated() || (failed(seen) && seen.ttftMicros().isPresent());
    return cut && !seen.form().inOnePiece();
  }

  private static boolean failedWithoutAnswer(Observation seen) {
    return failed(seen) && !wasCut(seen);
  }

  private static boolean failed(Observation seen) {
    return seen.outcome() == Outcome.FAILURE || seen.outcome() == Outcome.BACKPRESSURE;
  }
}
