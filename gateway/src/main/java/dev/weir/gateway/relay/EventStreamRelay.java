// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import dev.weir.gateway.exchange.AttemptControl;
import dev.weir.gateway.exchange.AttemptResult;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.answer.AnswerWatch;
import dev.weir.gateway.exchange.answer.EventContent;
import dev.weir.gateway.exchange.answer.TokenIdTracking;
import dev.weir.gateway.exchange.answer.Transcript;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Relays server-sent events. Only complete events reach the client, so that a broken stream can be
/// continued; bytes that arrive as complete events pass without being copied. Nothing is sent
/// before the first output, so that a replica that fails before it can be replaced unnoticed.
///
/// In a continued stream each event is rewritten with the identity of the first chunk.
final class EventStreamRelay implements Relay.BodyRelay {
  /// A stream with a larger event is no longer parsed and passes through unchanged.
  static final int MAX_EVENT = 1024 * 1024;

  /// Maximum bytes held before the first output.
  static final int MAX_HELD = 256 * 1024;

  /// Both limits if a prompt's token ids arrive in one event.
  static final int MAX_WITH_IDS = 8 * 1024 * 1024;

  /// Maximum size of the reused event buffer.
  private static final int MAX_SCRATCH = 64 * 1024;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private final RelayJob job;
  private final AttemptControl control;
  private final ClientStream client;
  private final Transcript transcript;
  private final int status;
  private final HttpHeaders headers;
  private final Optional<ResumedEvents> resumedEvents;
  private final EventContent facts = new EventContent();
  private final List<ByteBuf> held = new ArrayList<>();
  private int heldBytes;
  private final boolean withIds;
  private boolean begun;
  private boolean tooLarge;
  private boolean opaque;
  private boolean rejected;
  private boolean legalEnd;
  private boolean doneSeen;
  private boolean markHandled;
  private boolean restIsCopy;
  private ByteBuf rest = Unpooled.EMPTY_BUFFER;
  private int searched;
  private byte[] scratch = new byte[1024];

  EventStreamRelay(RelayJob job, AttemptControl control, int status, HttpHeaders headers) {
    this.job = job;
    this.control = control;
    this.client = job.client();
    this.transcript = job.transcript();
    this.status = status;
    this.headers = headers;
    this.begun = job.continued();
    this.resumedEvents = job.continued() ? Optional.of(new ResumedEvents(job)) : Optional.empty();
    this.withIds = transcript.ids() != TokenIdTracking.IGNORED;
    this.facts.followIds = withIds;
    this.facts.followCalls = job.timeline().watch().isPresent();
    if (!job.continued()) {
      transcript.restart();
    }
  }

  // --- bytes to events

  @Override
  public Optional<AttemptResult> body(ByteBuf bytes) {
    if (doneSeen) {
      bytes.release();
      return Optional.empty();
    }
    if (opaque) {
      client.write(bytes);
      return Optional.empty();
    }
    ByteBuf all = joined(bytes);
    if (!markHandled) {
      skipByteOrderMark(all);
    }
    int start = all.readerIndex();
    int end = EventFraming.endOfEvent(all, Math.max(start, searched));
    Optional<AttemptResult> ending = Optional.empty();
    while (end >= 0 && ending.isEmpty() && !doneSeen) {
      ending = event(all, start, end);
      start = ending.isEmpty() ? end : start;
      end = ending.isEmpty() ? EventFraming.endOfEvent(all, start) : -1;
    }
    passUpTo(all, start);
    keepRest(all, ending.isPresent() || doneSeen);
    return tooLarge ? Optional.of(cut(garbage())) : ending;
  }

  /// A stream may begin with a byte order mark, which is not part of its first line.
  private void skipByteOrderMark(ByteBuf all) {
    int mark = Math.min(BYTE_ORDER_MARK.length, all.readableBytes());
    for (int i = 0; i < mark; i++) {
      if (all.getByte(all.readerIndex() + i) != BYTE_ORDER_MARK[i]) {
        markHandled = true;
        return;
      }
    }
    if (mark == BYTE_ORDER_MARK.length) {
      all.skipBytes(mark);
      markHandled = true;
    }
  }

  /// The copy of an incomplete event doubles its capacity, so that an event that arrives byte by
  /// byte is not copied for each byte.
  private ByteBuf joined(ByteBuf bytes) {
    if (!rest.isReadable()) {
      searched = 0;
      return bytes;
    }
    ByteBuf all = rest;
    if (!restIsCopy) {
      all = Unpooled.buffer(2 * (rest.readableBytes() + bytes.readableBytes()));
      all.writeBytes(rest);
      rest.release();
    }
    searched = Math.max(all.readerIndex(), all.writerIndex() - 2);
    all.writeBytes(bytes);
    bytes.release();
    restIsCopy = true;
    rest = Unpooled.EMPTY_BUFFER;
    return all;
  }

  /// Sends or holds the complete events that were not rewritten.
  private void passUpTo(ByteBuf all, int index) {
    int length = index - all.readerIndex();
    if (length > 0) {
      restIsCopy = false; // the sent bytes share this buffer
      if (job.continued()) {
        all.skipBytes(length);
      } else {
        pass(all.readRetainedSlice(length));
      }
    }
  }

  private void keepRest(ByteBuf all, boolean over) {
    if (over || !all.isReadable()) {
      restIsCopy = false;
      all.release();
      return;
    }
    rest = all;
    if (rest.readableBytes() > (withIds ? MAX_WITH_IDS : MAX_EVENT)) {
      tooLarge();
    }
  }

  /// An event with ids that the client must not receive cannot pass.
  private void tooLarge() {
    if (transcript.ids() == TokenIdTracking.HIDDEN) {
      tooLarge = true;
      dropRest();
    } else {
      passOpaquely();
    }
  }

  private void passOpaquely() {
    opaque = true;
    job.timeline().watch().ifPresent(AnswerWatch::shown);
    transcript.forbid();
    begin();
    client.write(rest);
    rest = Unpooled.EMPTY_BUFFER;
  }

  // --- one event

  private Optional<AttemptResult> event(ByteBuf bytes, int start, int end) {
    if (scratch.length < end - start || scratch.length > MAX_SCRATCH) {
      scratch = new byte[Math.max(end - start, Math.min(scratch.length * 2, MAX_SCRATCH))];
    }
    int length = EventFraming.data(bytes, start, end, scratch);
    facts.clear();
    if (job.dialect().mustFinish() && !EventFraming.isClean(bytes, start, end)) {
      facts.end = EventContent.End.GARBAGE;
    } else if (length < 0) {
      return Optional.empty();
    } else {
      job.dialect().read(scratch, length, facts);
    }
    return switch (facts.end) {
      case ERROR -> error(bytes, start, end, length);
      case ABORTED -> Optional.of(cut(bytes, start, aborted()));
      case GARBAGE -> Optional.of(cut(bytes, start, garbage()));
      case DONE -> done(bytes, start);
      case NONE, FINISHED -> {
        Optional<AttemptResult> ending = note(length);
        if (!job.continued()
            && facts.hasTokenIdFields
            && transcript.ids() == TokenIdTracking.HIDDEN) {
          passWithoutIds(bytes, start, end, length);
        }
        yield ending;
      }
    };
  }

  private void passWithoutIds(ByteBuf bytes, int start, int end, int length) {
    passUpTo(bytes, start);
    pass(job.dialect().withoutIds(scratch, length));
    bytes.readerIndex(end);
    restIsCopy = false;
  }

  private static Failure aborted() {
    return new Failure(Failure.Kind.CUT, "the engine aborted the answer");
  }

  private static Failure garbage() {
    return new Failure(
        Failure.Kind.BAD_ANSWER, "a replica sent garbage in the middle of an answer");
  }

  /// Processes an event that is sent to the client.
  private Optional<AttemptResult> note(int length) {
    control.progress();
    if (!transcript.identified() && !facts.id.isEmpty()) {
      transcript.identify(facts.id, facts.created, facts.model);
    }
    if (facts.notContinuableFromText) {
      transcript.forbid();
    }
    if (facts.token && job.timeline().token(job.nanoTime().getAsLong())) {
      job.firstToken().run();
    }
    job.timeline().watch().ifPresent(watch -> watch.event(facts));
    if (facts.usage) {
      job.timeline().usage(facts.promptTokens, facts.outputTokens);
    }
    legalEnd |= facts.end == EventContent.End.FINISHED;
    if (resumedEvents.isPresent()) {
      return resume(resumedEvents.get(), length);
    }
    count();
    transcript.noteEnd(facts);
    if (facts.token || legalEnd) {
      begin();
    }
    return Optional.empty();
  }

  private Optional<AttemptResult> resume(ResumedEvents leg, int length) {
    if (!leg.muted()) {
      count();
    } else {
      transcript.countedAgain(facts);
    }
    return leg.event(scratch, length, facts);
  }

  private void count() {
    transcript.learnIds(facts);
    if (facts.token) {
      transcript.append(facts.text);
    } else if (facts.stopped) {
      transcript.stopped();
    }
    if (facts.usage) {
      transcript.counted(facts);
    }
  }

  /// An error caused by the request is sent to the client as its answer; any other is the engine's
  /// failure.
  private Optional<AttemptResult> error(ByteBuf bytes, int start, int end, int length) {
    boolean clientError = facts.errorStatus / 100 == 4 && facts.errorStatus != 429;
    if (clientError && !job.continued()) {
      rejected = true;
      begin();
      return Optional.empty();
    }
    Failure failure = reported(length);
    AttemptResult ending = cut(bytes, start, failure);
    if (ending instanceof AttemptResult.Broken && !job.continued()) {
      ByteBuf own = bytes.retainedSlice(start, end - start);
      return Optional.of(new AttemptResult.Broken(failure, true, Optional.of(own)));
    }
    return Optional.of(ending);
  }

  /// An error instead of the first token of a continuation may reject the continuation itself.
  private Failure reported(int length) {
    if (job.continued() && job.timeline().ttftMicros() < 0) {
      boolean tooLong = job.contextTooLong().test(Unpooled.wrappedBuffer(scratch, 0, length));
      Failure refusal = RefusedContinuation.failure(facts.errorStatus, tooLong);
      if (refusal.kind().refusesAddition()) {
        return refusal;
      }
    }
    return new Failure(Failure.Kind.ERROR_IN_STREAM, "the engine reports an error");
  }

  private Optional<AttemptResult> done(ByteBuf bytes, int start) {
    doneSeen = true;
    if (!rejected && !legalEnd) {
      Failure failure = new Failure(Failure.Kind.CUT, "the stream ended without a finish reason");
      return Optional.of(cut(bytes, start, failure));
    }
    resumedEvents.ifPresentOrElse(ResumedEvents::done, this::begin);
    return Optional.empty();
  }

  /// The stream ends before the event at `start`; earlier events are still sent.
  private AttemptResult cut(ByteBuf bytes, int start, Failure failure) {
    passUpTo(bytes, start);
    return cut(failure);
  }

  private AttemptResult cut(Failure failure) {
    resumedEvents.ifPresent(ResumedEvents::release);
    if (opaque) {
      return new AttemptResult.Broken(
          failure, false, Optional.empty()); // the last event is incomplete
    }
    if (begun) {
      return new StreamEndPolicy(job).cut(failure);
    }
    dropHeld();
    return new AttemptResult.FailedBeforeFirstByte(failure, Optional.empty());
  }

  // --- events to the client

  private void begin() {
    if (begun) {
      return;
    }
    begun = true;
    client.begin(status, job.clientHeaders().make(status, headers));
    held.forEach(client::write);
    held.clear();
  }

  private void pass(ByteBuf events) {
    if (begun) {
      client.write(events);
      return;
    }
    held.add(events);
    heldBytes += events.readableBytes();
    if (heldBytes > (withIds ? MAX_WITH_IDS : MAX_HELD)) {
      transcript.forbid();
      begin();
    }
  }

  @Override
  public void readComplete() {
    if (begun) {
      client.flush();
    }
  }

  // --- the end

  @Override
  public AttemptResult complete() {
    if (rest.isReadable()) {
      rest.release();
      rest = Unpooled.EMPTY_BUFFER;
    }
    boolean whole = legalEnd || rejected || opaque || !job.dialect().mustFinish();
    if (!whole) {
      return cut(new Failure(Failure.Kind.CUT, "the stream ended without a finish reason"));
    }
    begin();
    if (!doneSeen) {
      resumedEvents.ifPresent(ResumedEvents::done);
    }
    client.end();
    return new AttemptResult.Complete(
        status, rejected ? Optional.of(rejection()) : Optional.empty());
  }

  private static Failure rejection() {
    return new Failure(Failure.Kind.REJECTED_BY_ENGINE, "the engine rejects the request");
  }

  /// After the end mark the way the connection ends is irrelevant.
  @Override
  public AttemptResult broke(Failure failure) {
    if (doneSeen) {
      return complete();
    }
    dropRest();
    return cut(failure);
  }

  @Override
  public void drop() {
    dropRest();
    dropHeld();
  }

  private void dropRest() {
    rest.release();
    rest = Unpooled.EMPTY_BUFFER;
  }

  private void dropHeld() {
    held.forEach(ByteBuf::release);
    held.clear();
    resumedEvents.ifPresent(ResumedEvents::drop);
  }
}
