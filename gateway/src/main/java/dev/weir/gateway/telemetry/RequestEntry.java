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

/// One counted request, written by its event loop and read by the collector. A change puts it in
/// the queue of changes unless it waits there already.
final class RequestEntry {
  private final RecordChanges changes;
  private final AtomicBoolean queued = new AtomicBoolean();
  private final Optional<FastWindow> window;
  private volatile RequestRecord latest;
  private boolean overdue;

  /// @param fresh the record of a request of which nothing is known yet
  /// @param window where it counts if it fails fast
  RequestEntry(RecordChanges changes, RequestRecord fresh, Optional<FastWindow> window) {
    this.changes = changes;
    this.window = window;
    this.latest = fresh;
  }

  /// Tells of it now. One of a session does: control waits for the others of a session that it
  /// knows of, and must not take one that hangs for one that never came. So does one that is
  /// answered in one piece: control takes those of which it has no record for streams.
  RequestEntry announced() {
    change(latest);
    return this;
  }

  void firstToken(long ttftMicros) {
    RequestRecord was = latest;
    if (was.outcome() == Outcome.PENDING) {
      change(
          new RequestRecord(
              was.rollout(),
              was.slice(),
              was.index(),
              was.canary(),
              Outcome.PENDING,
              ttftMicros,
              -1,
              -1,
              0,
              false,
              Set.of(),
              was.turn(),
              was.quality(),
              was.form(),
              AnswerContent.UNKNOWN));
    }
  }

  /// The first attempt's answer did not come in time. Both versions of a release are held to the
  /// same time, so that is what counts, not who would have waited for how long.
  void overdue(long micros) {
    overdue = true;
    settle(Outcome.FAILURE, -1, -1, micros, 0, false, Set.of(), AnswerContent.UNKNOWN);
  }

  /// The first attempt's end is the record's.
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

  /// The request is over although no attempt was made: nobody's doing that the engine could be
  /// judged by.
  void endedWithoutAttempt(long e2eMicros) {
    if (latest.outcome() == Outcome.PENDING) {
      settle(Outcome.NEUTRAL, -1, -1, e2eMicros, 0, false, Set.of(), AnswerContent.UNKNOWN);
    }
  }

  /// A judge's word on the first attempt's answer.
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
    RequestRecord was = latest;
    boolean begun = ttftMicros >= 0 && !was.form().inOnePiece();
    window.ifPresent(w -> w.ended(was.canary(), outcome, begun, e2eMicros));
    change(
        new RequestRecord(
            was.rollout(),
            was.slice(),
            was.index(),
            was.canary(),
            outcome,
            ttftMicros,
            itlMicros,
            e2eMicros,
            Math.clamp(outputTokens, 0, Integer.MAX_VALUE),
            truncated,
            traits,
            was.turn(),
            was.quality(),
            was.form(),
            answerContent));
  }

  private void change(RequestRecord record) {
    latest = record;
    if (queued.compareAndSet(false, true) && !changes.offer(this)) {
      queued.set(false);
    }
  }

  /// The record as it stands. A change after this queues it again: the mark goes before the look.
  RequestRecord take() {
    queued.set(false);
    return latest;
  }
}
