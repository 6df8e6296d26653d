// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.snapshot.AnswerContent;
import dev.weir.snapshot.ResponseForm;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.snapshot.Telemetry.RequestRecord;
import dev.weir.snapshot.Telemetry.Trait;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/// One counted request, written by its event loop and read by the collector. A change adds it to
/// the queue of changes unless it is already queued.
final class RequestEntry {
  private final RecordChanges changes;
  private final AtomicBoolean queued = new AtomicBoolean();
  private final Optional<FastWindow> window;
  private volatile RequestRecord latest;
  private boolean overdue;

  /// @param initial the initial record of the request
  /// @param window counts the request if it fails fast
  RequestEntry(RecordChanges changes, RequestRecord initial, Optional<FastWindow> window) {
    this.changes = changes;
    this.window = window;
    this.latest = initial;
  }

  /// Reports the record immediately. Required for a request of a session: the control plane waits
  /// for known requests of a session, and must distinguish a hung request from one that never
  /// arrived. Also required for a non-streamed request: the control plane assumes that requests
  /// without a record are streams.
  RequestEntry reportImmediately() {
    change(latest);
    return this;
  }

  /// The first attempt was sent. The next change reports it.
  void sent(int prefillTokens) {
    latest = latest.withPrefillTokens(prefillTokens);
  }

  void firstToken(long ttftMicros) {
    RequestRecord previous = latest;
    if (previous.outcome() == Outcome.PENDING) {
      change(
          new RequestRecord(
              previous.rollout(),
              previous.slice(),
              previous.index(),
              previous.canary(),
              Outcome.PENDING,
              ttftMicros,
              -1,
              -1,
              0,
              false,
              Set.of(),
              previous.turn(),
              previous.quality(),
              previous.form(),
              AnswerContent.UNKNOWN,
              previous.prefillTokens()));
    }
  }

  /// The first attempt's answer is overdue. Both versions of a release have the same bound, so this
  /// counts as the result, however long the client would have waited.
  void overdue(long micros) {
    overdue = true;
    settle(Outcome.FAILURE, -1, -1, micros, 0, false, Set.of(), AnswerContent.UNKNOWN);
  }

  /// Records the end of the first attempt.
  void ended(AttemptEnd end) {
    if (overdue) {
      return;
    }
    settle(
        end.outcome(),
        end.ttftMicros(),
        end.itlMicros(),
        end.e2eMicros(),
        end.outputTokens(),
        end.truncated(),
        end.traits(),
        latest.form() == ResponseForm.OTHER ? AnswerContent.UNKNOWN : end.answerContent());
  }

  /// The request ended without an attempt, so it does not count for the engine.
  void endedWithoutAttempt(long e2eMicros) {
    if (latest.outcome() == Outcome.PENDING) {
      settle(Outcome.NEUTRAL, -1, -1, e2eMicros, 0, false, Set.of(), AnswerContent.UNKNOWN);
    }
  }

  /// Records a judge's grade of the first attempt's answer.
  void graded(int thousandths) {
    change(latest.graded(thousandths));
  }

  private void settle(
      Outcome outcome,
      long ttftMicros,
      long itlMicros,
      long e2eMicros,
      long outputTokens,
      boolean truncated,
      Set<Trait> traits,
      AnswerContent answerContent) {
    RequestRecord previous = latest;
    boolean begun = ttftMicros >= 0 && !previous.form().notStreamed();
    window.ifPresent(w -> w.ended(previous.canary(), outcome, begun, truncated, e2eMicros));
    change(
        new RequestRecord(
            previous.rollout(),
            previous.slice(),
            previous.index(),
            previous.canary(),
            outcome,
            ttftMicros,
            itlMicros,
            e2eMicros,
            Math.clamp(outputTokens, 0, Integer.MAX_VALUE),
            truncated,
            traits,
            previous.turn(),
            previous.quality(),
            previous.form(),
            answerContent,
            previous.prefillTokens()));
  }

  private void change(RequestRecord record) {
    latest = record;
    if (queued.compareAndSet(false, true) && !changes.offer(this)) {
      queued.set(false);
    }
  }

  /// Returns the current record. The flag is cleared before the read, so a later change queues the
  /// entry again.
  RequestRecord take() {
    queued.set(false);
    return latest;
  }
}
