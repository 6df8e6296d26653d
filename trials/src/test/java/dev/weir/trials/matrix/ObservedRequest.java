// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.matrix;

import dev.weir.analysis.metric.AnswerForm;
import dev.weir.analysis.metric.AnswerTrait;
import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import java.util.OptionalLong;
import java.util.Set;

/// One request as its client saw it.
///
/// @param atMicros when it was sent, since the beginning of the recording
/// @param canary which version answered, or would have
/// @param failed no first token came
/// @param truncated the stream broke after its first token
/// @param ttftMicros -1 without a first token
/// @param itlMicros mean of the gaps between tokens, -1 with fewer than two
/// @param endedMicros since it was sent
/// @param tokens that came
/// @param traits of what they say
/// @param quality the grade of the judge, in thousandths; [Observation#NOT_GRADED] without a grade
public record ObservedRequest(
    long atMicros,
    boolean canary,
    boolean failed,
    boolean truncated,
    long ttftMicros,
    long itlMicros,
    long endedMicros,
    int tokens,
    Set<AnswerTrait> traits,
    int quality) {
  private static final int HALF = 500;

  public ObservedRequest {
    traits = Set.copyOf(traits);
  }

  /// A request without a grade.
  public ObservedRequest(
      long atMicros,
      boolean canary,
      boolean failed,
      boolean truncated,
      long ttftMicros,
      long itlMicros,
      long endedMicros,
      int tokens,
      Set<AnswerTrait> traits) {
    this(
        atMicros,
        canary,
        failed,
        truncated,
        ttftMicros,
        itlMicros,
        endedMicros,
        tokens,
        traits,
        Observation.NOT_GRADED);
  }

  /// The same of the other arm.
  ObservedRequest as(boolean ofCanary) {
    return new ObservedRequest(
        atMicros,
        ofCanary,
        failed,
        truncated,
        ttftMicros,
        itlMicros,
        endedMicros,
        tokens,
        traits,
        quality);
  }

  boolean poor() {
    return quality >= 0 && quality < HALF;
  }

  boolean refuses() {
    return traits.contains(AnswerTrait.REFUSAL);
  }

  boolean empty() {
    return traits.contains(AnswerTrait.EMPTY);
  }

  boolean loops() {
    return traits.contains(AnswerTrait.REPETITION);
  }

  boolean spoilsJson() {
    return traits.contains(AnswerTrait.INVALID_JSON);
  }

  /// As the statistics have it, at a moment: what had not happened yet is not known.
  Observation observed(long nowMicros) {
    Arm arm = canary ? Arm.CANARY : Arm.BASELINE;
    long age = nowMicros - atMicros;
    if (endedMicros > age) {
      return ttftMicros >= 0 && ttftMicros <= age
          ? Observation.streaming(arm, ttftMicros).withForm(AnswerForm.STREAM)
          : Observation.pending(arm).withForm(AnswerForm.STREAM);
    }
    return new Observation(
            arm,
            failed || truncated ? Outcome.FAILURE : Outcome.SUCCESS,
            known(ttftMicros),
            known(itlMicros),
            OptionalLong.of(endedMicros),
            truncated,
            tokens > 0 ? OptionalLong.of(tokens) : OptionalLong.empty(),
            traits)
        .graded(quality)
        .withForm(AnswerForm.STREAM);
  }

  private static OptionalLong known(long micros) {
    return micros < 0 ? OptionalLong.empty() : OptionalLong.of(micros);
  }
}
