// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.metric;

/// Evaluates one request for a metric *as of its horizon*, a fixed time after its arrival.
///
/// Later events are ignored, even if already known. So the result depends neither on the delivery
/// time of records nor on which arm is faster, and a cohort can be consumed early once all its
/// requests are settled. For the same reason a request with a first token still counts for `error`
/// and `ttft` if the client disconnects afterwards.
public final class MetricEvaluator {

  /// For a score: the response is in the graded sample and has no grade.
  public static final int UNGRADED = -2;

  /// The evaluation of a request for a rate metric.
  public enum Badness {
    EXCLUDED,
    GOOD,
    BAD
  }

  /// For sizes and scores: the request does not count.
  public static final long EXCLUDED = -1;

  /// For sizes: no response by the horizon, which is slower than any threshold.
  public static final long CENSORED = -2;

  private static final double MICROS_PER_SECOND = 1e6;

  /// The length of an unfinished response: longer than any threshold.
  private static final double ENDLESS = Math.exp(10);

  private MetricEvaluator() {}

  /// Whether no later event of a unit's requests can change its evaluation.
  public static boolean settled(ReleaseMetric metric, Observation unit) {
    for (Observation observation : unit.requests()) {
      if (!settledAlone(metric, observation)) {
        return false;
      }
    }
    return true;
  }

  private static boolean settledAlone(ReleaseMetric metric, Observation observation) {
    boolean begun = begunSettles(metric, observation) && observation.ttftMicros().isPresent();
    boolean awaited = metric.waitsForGrade() && whole(observation) && lacksItsGrade(observation);
    return begun || (observation.outcome() != Outcome.PENDING && !awaited);
  }

  // After the first byte, a response that is not streamed can still fail.
  private static boolean begunSettles(ReleaseMetric metric, Observation observation) {
    return !metric.waitsForEnd()
        && !(metric == ReleaseMetric.ERROR && observation.form().notStreamed());
  }

  private static boolean lacksItsGrade(Observation observation) {
    return observation.quality() == Observation.NO_GRADE;
  }

  /// Badness of a request for a rate metric.
  public static Badness rate(ReleaseMetric metric, Observation observation, long horizonMicros) {
    return switch (metric.evaluation()) {
      case Evaluation.Rate(Evaluation.Rate.Check check) ->
          check.evaluate(observation, horizonMicros);
      case Evaluation.Size _, Evaluation.Grade _, Evaluation.FastFailures _ ->
          throw new IllegalArgumentException(metric + " is not a rate of cohorts");
    };
  }

  /// For latencies and lengths: seconds, tokens, or reciprocal tokens if fewer are worse; otherwise
  /// [#EXCLUDED] or [#CENSORED].
  public static double size(ReleaseMetric metric, Observation observation, long horizonMicros) {
    return switch (metric.evaluation()) {
      case Evaluation.Size(_, Evaluation.Size.Measure measure) ->
          measure.evaluate(observation, horizonMicros);
      case Evaluation.Rate _, Evaluation.Grade _, Evaluation.FastFailures _ ->
          throw new IllegalArgumentException(metric + " is neither a latency nor a length");
    };
  }

  /// Badness for a score, in thousandths, of a response that was complete by `endMicros`; otherwise
  /// [#EXCLUDED] or [#UNGRADED]. Gateways report only grades that were in time, so grades have no
  /// timestamp.
  ///
  /// @param endMicros the horizon of the end of a request, without the time limit for grades
  public static int score(Observation observation, long endMicros) {
    if (!hasEnded(observation, endMicros)
        || !whole(observation)
        || observation.quality() == Observation.NOT_GRADED) {
      return (int) EXCLUDED;
    }
    return lacksItsGrade(observation) ? UNGRADED : Observation.BEST - observation.quality();
  }

  private static double seconds(long micros) {
    return micros < 0 ? micros : micros / MICROS_PER_SECOND;
  }

  // A hang is not an error here: the gateway's first-token deadline, a second before the horizon,
  // turns it into one; for responses that are not streamed the total deadline does. Until then,
  // `ttft` detects it.
  static Badness error(Observation observation, long horizonMicros) {
    boolean begun = !observation.form().notStreamed() && hasFirstToken(observation, horizonMicros);
    if (begun || !hasEnded(observation, horizonMicros)) {
      return Badness.GOOD;
    }
    return switch (observation.outcome()) {
      case FAILURE, BACKPRESSURE -> wasCut(observation) ? Badness.GOOD : Badness.BAD;
      case SUCCESS, PENDING -> Badness.GOOD;
      case NEUTRAL -> Badness.EXCLUDED;
    };
  }

  // A response that is not streamed cannot be cut after its first token; counting it would only
  // dilute the rate of streams.
  static Badness truncated(Observation observation, long horizonMicros) {
    if (observation.form().notStreamed()) {
      return Badness.EXCLUDED;
    }
    if (!hasEnded(observation, horizonMicros)) {
      return Badness.GOOD;
    }
    if (observation.outcome() == Outcome.NEUTRAL || failedWithoutAnswer(observation)) {
      return Badness.EXCLUDED;
    }
    return wasCut(observation) ? Badness.BAD : Badness.GOOD;
  }

  static double ttft(Observation observation, long horizonMicros) {
    if (hasFirstToken(observation, horizonMicros)) {
      return seconds(observation.ttftMicros().getAsLong());
    }
    return hasEnded(observation, horizonMicros) ? EXCLUDED : CENSORED;
  }

  static double itl(Observation observation, long horizonMicros) {
    if (observation.form().notStreamed()) {
      return EXCLUDED;
    }
    if (!hasEnded(observation, horizonMicros)) {
      return hasFirstToken(observation, horizonMicros) ? CENSORED : EXCLUDED;
    }
    boolean excluded = observation.outcome() == Outcome.NEUTRAL || failedWithoutAnswer(observation);
    return excluded ? EXCLUDED : seconds(observation.meanItlMicros().orElse(EXCLUDED));
  }

  // A started request that has not ended by the horizon has already taken longer.
  static double perToken(Observation observation, long horizonMicros) {
    if (observation.form() == AnswerForm.OTHER) {
      return EXCLUDED;
    }
    if (!hasEnded(observation, horizonMicros)) {
      return hasFirstToken(observation, horizonMicros) ? CENSORED : EXCLUDED;
    }
    return whole(observation)
            && observation.endedMicros().isPresent()
            && observation.outputTokens().orElse(0) > 0
        ? seconds(observation.endedMicros().getAsLong()) / observation.outputTokens().getAsLong()
        : EXCLUDED;
  }

  static double longer(Observation observation, long horizonMicros) {
    return length(true, observation, horizonMicros);
  }

  static double shorter(Observation observation, long horizonMicros) {
    return length(false, observation, horizonMicros);
  }

  // If fewer tokens are worse, the reciprocal makes larger values worse.
  private static double length(boolean moreIsWorse, Observation observation, long horizonMicros) {
    if (observation.form() == AnswerForm.OTHER) {
      return EXCLUDED;
    }
    if (!hasEnded(observation, horizonMicros)) {
      boolean writes = hasFirstToken(observation, horizonMicros);
      return !writes ? EXCLUDED : moreIsWorse ? ENDLESS : 1 / ENDLESS;
    }
    long tokens = whole(observation) ? observation.outputTokens().orElse(0) : 0;
    return tokens <= 0 ? EXCLUDED : moreIsWorse ? tokens : 1.0 / tokens;
  }

  // A gateway that does not report the form does not report empty responses either.
  static Badness empty(Observation observation, long horizonMicros) {
    return observation.form() == AnswerForm.UNKNOWN
        ? Badness.EXCLUDED
        : answer(observation, horizonMicros, AnswerTrait.EMPTY);
  }

  /// Whether the response to a request for text has a trait. Responses that are not text have
  /// neither refusals nor repetition loops.
  static Badness answer(Observation observation, long horizonMicros, AnswerTrait bad) {
    if (observation.form() == AnswerForm.OTHER) {
      return Badness.EXCLUDED;
    }
    if (!hasEnded(observation, horizonMicros)) {
      return Badness.GOOD;
    }
    if (observation.outcome() == Outcome.NEUTRAL || failedWithoutAnswer(observation)) {
      return Badness.EXCLUDED;
    }
    return observation.is(bad) ? Badness.BAD : Badness.GOOD;
  }

  // A cut response cannot be valid JSON; `truncated` counts it.
  static Badness json(Observation observation, long horizonMicros) {
    if (!hasEnded(observation, horizonMicros)
        || !whole(observation)
        || !observation.is(AnswerTrait.JSON_ASKED)) {
      return Badness.EXCLUDED;
    }
    return observation.is(AnswerTrait.INVALID_JSON) ? Badness.BAD : Badness.GOOD;
  }

  private static boolean whole(Observation observation) {
    return observation.outcome() == Outcome.SUCCESS && !observation.truncated();
  }

  private static boolean hasFirstToken(Observation observation, long horizonMicros) {
    return observation.ttftMicros().isPresent()
        && observation.ttftMicros().getAsLong() <= horizonMicros;
  }

  // An end without a timestamp counts as in time, but never before the first token.
  public static boolean hasEnded(Observation observation, long horizonMicros) {
    return observation.outcome() != Outcome.PENDING
        && observation.ttftMicros().orElse(0) <= horizonMicros
        && observation.endedMicros().orElse(0) <= horizonMicros;
  }

  // A failure after the first token is a cut stream, with or without the flag.
  private static boolean wasCut(Observation observation) {
    boolean cut =
        observation.truncated() || (failed(observation) && observation.ttftMicros().isPresent());
    return cut && !observation.form().notStreamed();
  }

  private static boolean failedWithoutAnswer(Observation observation) {
    return failed(observation) && !wasCut(observation);
  }

  private static boolean failed(Observation observation) {
    return observation.outcome() == Outcome.FAILURE
        || observation.outcome() == Outcome.BACKPRESSURE;
  }
}
