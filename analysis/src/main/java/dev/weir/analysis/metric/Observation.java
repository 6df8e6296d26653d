// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.metric;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/// One request at some time: the outcome of its *first attempt*, attributed to the version selected
/// first. All times are microseconds since the request's arrival.
///
/// The first request of a session represents the whole session, which is one unit of the comparison
/// because its requests are not independent. It contains the other requests that count. The value
/// of the unit is the mean of its requests' values.
///
/// Set `endedMicros` whenever the attempt has ended: metrics need it to evaluate the request as of
/// its horizon, independent of the record's delivery time. Without it, an ended request counts as
/// ended in time.
///
/// @param arm the arm selected first
/// @param outcome outcome of the first attempt so far
/// @param ttftMicros time to the first token (first body byte if not streamed), once known
/// @param meanItlMicros mean time between tokens, once ended with at least two tokens
/// @param endedMicros time to the end of the attempt, once ended
/// @param truncated whether the stream was cut after its first byte, regardless of `outcome`; such
///   a request counts for [ReleaseMetric#TRUNCATED] and not for [ReleaseMetric#ERROR], unless it is
///   not streamed
/// @param outputTokens output tokens of the response, once ended, if known
/// @param traits traits of the response, once ended
/// @param sessionRequests later requests of its session in its step, each without further requests
/// @param quality the response's grade in thousandths, 0 (worst) to 1000 (best), or [#NO_GRADE] or
///   [#NOT_GRADED]. It has no timestamp, because the reporter checks that it was in time
/// @param form the form of response that the client requested
/// @param prefillTokens prompt tokens that the replica was expected to process before the first
///   token: those of the prompt without the beginning that this replica received before; 0 if
///   unknown. The arm must not influence it other than by the requests that it got earlier
public record Observation(
    Arm arm,
    Outcome outcome,
    OptionalLong ttftMicros,
    OptionalLong meanItlMicros,
    OptionalLong endedMicros,
    boolean truncated,
    OptionalLong outputTokens,
    Set<AnswerTrait> traits,
    List<Observation> sessionRequests,
    int quality,
    AnswerForm form,
    int prefillTokens) {

  /// The best grade.
  public static final int BEST = 1_000;

  /// The response is in the graded sample and has no grade (yet).
  public static final int NO_GRADE = -1;

  /// The response is not in the graded sample.
  public static final int NOT_GRADED = -2;

  public Observation {
    traits = Set.copyOf(traits);
    sessionRequests = List.copyOf(sessionRequests);
    for (Observation later : sessionRequests) {
      if (later.arm() != arm || !later.sessionRequests().isEmpty()) {
        throw new IllegalArgumentException(
            "a session's requests are all of one arm, and one level deep: " + later);
      }
    }
    requireNotNegative("ttftMicros", ttftMicros);
    requireNotNegative("meanItlMicros", meanItlMicros);
    requireNotNegative("endedMicros", endedMicros);
    requireNotNegative("outputTokens", outputTokens);
    if (quality < NOT_GRADED || quality > BEST) {
      throw new IllegalArgumentException(
          "quality must be %d, %d or from 0 to %d but is %d"
              .formatted(NO_GRADE, NOT_GRADED, BEST, quality));
    }
    if (prefillTokens < 0) {
      throw new IllegalArgumentException(
          "prefillTokens must not be negative but is " + prefillTokens);
    }
    if (outcome == Outcome.PENDING && (truncated || endedMicros.isPresent())) {
      throw new IllegalArgumentException("a pending request is neither truncated nor ended");
    }
  }

  /// An observation of unknown form, without a grade.
  public Observation(
      Arm arm,
      Outcome outcome,
      OptionalLong ttftMicros,
      OptionalLong meanItlMicros,
      OptionalLong endedMicros,
      boolean truncated,
      OptionalLong outputTokens,
      Set<AnswerTrait> traits,
      List<Observation> further) {
    this(
        arm,
        outcome,
        ttftMicros,
        meanItlMicros,
        endedMicros,
        truncated,
        outputTokens,
        traits,
        further,
        NOT_GRADED,
        AnswerForm.UNKNOWN,
        0);
  }

  /// An observation without a session.
  public Observation(
      Arm arm,
      Outcome outcome,
      OptionalLong ttftMicros,
      OptionalLong meanItlMicros,
      OptionalLong endedMicros,
      boolean truncated,
      OptionalLong outputTokens,
      Set<AnswerTrait> traits) {
    this(
        arm,
        outcome,
        ttftMicros,
        meanItlMicros,
        endedMicros,
        truncated,
        outputTokens,
        traits,
        List.of());
  }

  /// An observation with times only.
  public Observation(
      Arm arm,
      Outcome outcome,
      OptionalLong ttftMicros,
      OptionalLong meanItlMicros,
      OptionalLong endedMicros,
      boolean truncated) {
    this(
        arm,
        outcome,
        ttftMicros,
        meanItlMicros,
        endedMicros,
        truncated,
        OptionalLong.empty(),
        Set.of());
  }

  /// A copy with properties of the response.
  public Observation withResponse(long tokens, Set<AnswerTrait> is) {
    return new Observation(
        arm,
        outcome,
        ttftMicros,
        meanItlMicros,
        endedMicros,
        truncated,
        OptionalLong.of(tokens),
        is,
        sessionRequests,
        quality,
        form,
        prefillTokens);
  }

  /// A copy with a grade.
  ///
  /// @param grade from 0 to [#BEST], or [#NO_GRADE] or [#NOT_GRADED]
  public Observation graded(int grade) {
    return new Observation(
        arm,
        outcome,
        ttftMicros,
        meanItlMicros,
        endedMicros,
        truncated,
        outputTokens,
        traits,
        sessionRequests,
        grade,
        form,
        prefillTokens);
  }

  /// A copy with the requested form.
  public Observation withForm(AnswerForm what) {
    return new Observation(
        arm,
        outcome,
        ttftMicros,
        meanItlMicros,
        endedMicros,
        truncated,
        outputTokens,
        traits,
        sessionRequests,
        quality,
        what,
        prefillTokens);
  }

  /// A copy with the expected work before the first token.
  ///
  /// @param tokens above 0, or 0 if unknown
  public Observation withPrefillTokens(int tokens) {
    return new Observation(
        arm,
        outcome,
        ttftMicros,
        meanItlMicros,
        endedMicros,
        truncated,
        outputTokens,
        traits,
        sessionRequests,
        quality,
        form,
        tokens);
  }

  /// A copy as the first request of a session.
  public Observation withSessionRequests(List<Observation> others) {
    return new Observation(
        arm,
        outcome,
        ttftMicros,
        meanItlMicros,
        endedMicros,
        truncated,
        outputTokens,
        traits,
        others,
        quality,
        form,
        prefillTokens);
  }

  /// This request and its further requests.
  public List<Observation> requests() {
    return sessionRequests.isEmpty()
        ? List.of(this)
        : Stream.concat(Stream.of(this), sessionRequests.stream()).toList();
  }

  /// Whether all its requests have ended.
  public boolean ended() {
    for (Observation observation : requests()) {
      if (observation.outcome() == Outcome.PENDING) {
        return false;
      }
    }
    return true;
  }

  boolean is(AnswerTrait trait) {
    return traits.contains(trait);
  }

  /// A request without an outcome.
  public static Observation pending(Arm arm) {
    return new Observation(
        arm,
        Outcome.PENDING,
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        false);
  }

  /// A request that is streaming.
  public static Observation streaming(Arm arm, long ttftMicros) {
    return new Observation(
        arm,
        Outcome.PENDING,
        OptionalLong.of(ttftMicros),
        OptionalLong.empty(),
        OptionalLong.empty(),
        false);
  }

  /// A request with a complete response.
  public static Observation success(
      Arm arm, long ttftMicros, long meanItlMicros, long endedMicros) {
    return streamed(arm, Outcome.SUCCESS, ttftMicros, meanItlMicros, endedMicros, false);
  }

  /// A request that ended without a first byte: `FAILURE`, `BACKPRESSURE` or `NEUTRAL`.
  public static Observation ended(Arm arm, Outcome outcome, long endedMicros) {
    return new Observation(
        arm,
        outcome,
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.of(endedMicros),
        false);
  }

  /// A stream that was cut.
  public static Observation truncated(
      Arm arm, long ttftMicros, long meanItlMicros, long endedMicros) {
    return streamed(arm, Outcome.FAILURE, ttftMicros, meanItlMicros, endedMicros, true);
  }

  private static Observation streamed(
      Arm arm,
      Outcome outcome,
      long ttftMicros,
      long meanItlMicros,
      long endedMicros,
      boolean truncated) {
    return new Observation(
        arm,
        outcome,
        OptionalLong.of(ttftMicros),
        OptionalLong.of(meanItlMicros),
        OptionalLong.of(endedMicros),
        truncated);
  }

  private static void requireNotNegative(String name, OptionalLong value) {
    if (value.isPresent() && value.getAsLong() < 0) {
      throw new IllegalArgumentException(
          name + " must not be negative but is " + value.getAsLong());
    }
  }
}
