// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/// One request as seen at some moment: its *first attempt's* outcome, attributed to the version
/// first chosen. All times are microseconds since the request's arrival.
///
/// The first request of a session stands for the whole session, which is one unit of the comparison
/// (requests of one session are not independent): the others that count lie in it. What a metric
/// says of the unit is the mean of what it says of its requests.
///
/// Give `endedMicros` whenever the attempt has ended: it lets a metric judge the request as it
/// stood at its horizon, so that the answer does not depend on when the record was delivered.
/// Without it an ended request is taken to have ended in time.
///
/// @param arm the side first chosen
/// @param outcome how the first attempt went so far
/// @param ttftMicros time to the first token (first body byte if not streamed), once there is one
/// @param meanItlMicros mean time between tokens, once ended with at least two tokens
/// @param endedMicros time to the end of the attempt, once ended
/// @param truncated the stream was cut after its first byte, whatever `outcome` says; such a
///   request counts for [ReleaseMetric#TRUNCATED] and not for [ReleaseMetric#ERROR], unless its
///   answer was asked for in one piece
/// @param outputTokens of the answer, once ended, where they are known
/// @param traits of the answer, once ended
/// @param further later requests of its session in its step, each with none of its own
/// @param quality the answer's grade in thousandths, 0 (worst) to 1000 (best), or [#NO_GRADE] or
///   [#NOT_GRADED]. It has no time: whoever gives it has seen that it came in time
/// @param form what the client asked for
public record Observation(
    Arm arm,
    Outcome outcome,
    OptionalLong ttftMicros,
    OptionalLong meanItlMicros,
    OptionalLong endedMicros,
    boolean truncated,
    OptionalLong outputTokens,
    Set<AnswerTrait> traits,
    List<Observation> further,
    int quality,
    AnswerForm form) {

  /// The best grade.
  public static final int BEST = 1_000;

  /// The answer is to be graded and has no grade, or none yet.
  public static final int NO_GRADE = -1;

  /// The answer is not in the sample that is graded.
  public static final int NOT_GRADED = -2;

  public Observation {
    traits = Set.copyOf(traits);
    further = List.copyOf(further);
    for (Observation later : further) {
      if (later.arm() != arm || !later.further().isEmpty()) {
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
    if (outcome == Outcome.PENDING && (truncated || endedMicros.isPresent())) {
      throw new IllegalArgumentException("a pending request is neither truncated nor ended");
    }
  }

  /// One of which it is not known what the client asked for, and whose answer is not graded.
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
        AnswerForm.UNKNOWN);
  }

  /// One of no session.
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

  /// One of whose answer nothing is known but its times.
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

  /// The same request, of whose answer more is known.
  public Observation answered(long tokens, Set<AnswerTrait> is) {
    return new Observation(
        arm,
        outcome,
        ttftMicros,
        meanItlMicros,
        endedMicros,
        truncated,
        OptionalLong.of(tokens),
        is,
        further,
        quality,
        form);
  }

  /// The same request with that grade.
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
        further,
        grade,
        form);
  }

  /// The same request, of which it is known what the client asked for.
  public Observation asked(AnswerForm what) {
    return new Observation(
        arm,
        outcome,
        ttftMicros,
        meanItlMicros,
        endedMicros,
        truncated,
        outputTokens,
        traits,
        further,
        quality,
        what);
  }

  /// The same request as the first of a session.
  public Observation withFurther(List<Observation> others) {
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
        form);
  }

  /// Itself and what is further.
  List<Observation> requests() {
    return further.isEmpty()
        ? List.of(this)
        : Stream.concat(Stream.of(this), further.stream()).toList();
  }

  /// Whether all its requests are over.
  boolean ended() {
    for (Observation seen : requests()) {
      if (seen.outcome() == Outcome.PENDING) {
        return false;
      }
    }
    return true;
  }

  boolean is(AnswerTrait trait) {
    return traits.contains(trait);
  }

  /// A request without any news.
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

  /// A request answered in full.
  public static Observation success(
      Arm arm, long ttftMicros, long meanItlMicros, long endedMicros) {
    return new Observation(
        arm,
        Outcome.SUCCESS,
        OptionalLong.of(ttftMicros),
        OptionalLong.of(meanItlMicros),
        OptionalLong.of(endedMicros),
        false);
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
    return new Observation(
        arm,
        Outcome.FAILURE,
        OptionalLong.of(ttftMicros),
        OptionalLong.of(meanItlMicros),
        OptionalLong.of(endedMicros),
        true);
  }

  private static void requireNotNegative(String name, OptionalLong value) {
    if (value.isPresent() && value.getAsLong() < 0) {
      throw new IllegalArgumentException(
          name + " must not be negative but is " + value.getAsLong());
    }
  }
}
