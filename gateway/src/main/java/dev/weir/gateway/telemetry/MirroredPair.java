// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.RequestRecorder;
import dev.weir.gateway.exchange.answer.AnswerSketch;
import dev.weir.snapshot.Telemetry.Outcome;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Both halves of a counted mirrored request: observes the copy, and compares the two answers when
/// both are complete. Used by one event loop.
final class MirroredPair implements RequestRecorder.RequestObserver {
  private final RequestEntry copy;
  private final BiConsumer<AnswerSketch, AnswerSketch> compared;
  private Optional<AnswerSketch> answered = Optional.empty();
  private Optional<AnswerSketch> copied = Optional.empty();

  /// @param copy the canary's half
  /// @param compared receives two complete answers, once
  MirroredPair(RequestEntry copy, BiConsumer<AnswerSketch, AnswerSketch> compared) {
    this.copy = copy;
    this.compared = compared;
  }

  /// The first attempt of the half that answers the client ended.
  void answered(AttemptEnd end) {
    answered = whole(end);
    compare();
  }

  @Override
  public void sent(int prefillTokens) {
    copy.sent(prefillTokens);
  }

  @Override
  public void firstToken(long ttftMicros) {
    copy.firstToken(ttftMicros);
  }

  @Override
  public void overdue(long micros, boolean givenUp) {
    copy.overdue(micros);
  }

  @Override
  public void attemptEnded(AttemptEnd end) {
    copy.ended(end);
    copied = whole(end);
    compare();
  }

  @Override
  public void finished(CompletedRequest completed) {
    copy.endedWithoutAttempt(completed.e2eMicros());
  }

  @Override
  public void graded(int thousandths) {
    copy.graded(thousandths);
  }

  private static Optional<AnswerSketch> whole(AttemptEnd end) {
    return end.outcome() == Outcome.SUCCESS && !end.truncated()
        ? end.sketch().filter(AnswerSketch::any)
        : Optional.empty();
  }

  private void compare() {
    if (answered.isPresent() && copied.isPresent()) {
      compared.accept(answered.get(), copied.get());
    }
  }
}
