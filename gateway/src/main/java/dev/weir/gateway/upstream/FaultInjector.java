// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import dev.weir.gateway.exchange.AttemptListener;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.FaultInjection;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/// Injects a fault between an attempt and its listener, so that everything behind it attributes the
/// fault to the replica. A fault in an answer that is not an event stream takes effect at its first
/// byte; the replica's own errors pass. Event loop only.
final class FaultInjector implements AttemptListener {
  private final FaultInjection injection;
  private final AttemptListener listener;
  private @Nullable Attempt attempt;
  private boolean passThrough;
  private boolean events;
  private int eventsPassed;
  private boolean lineBegun;
  private boolean eventBegun;

  FaultInjector(FaultInjection injection, AttemptListener listener) {
    this.injection = injection;
    this.listener = listener;
    this.passThrough = !injectsMidAnswer();
  }

  /// Sets the attempt to disturb. Must be called before the attempt emits events.
  void attach(Attempt disturbed) {
    attempt = disturbed;
  }

  private boolean injectsMidAnswer() {
    return switch (injection.fault().kind()) {
      case STALL, CUT -> true;
      case ERROR, DELAY -> false;
    };
  }

  @Override
  public void head(int status, HttpHeaders headers) {
    String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
    events = type.regionMatches(true, 0, "text/event-stream", 0, 17);
    passThrough |= status / 100 != 2;
    listener.head(status, headers);
  }

  @Override
  public void body(ByteBuf bytes) {
    if (passThrough) {
      listener.body(bytes);
      return;
    }
    int end = events ? endOfLast(bytes) : bytes.readerIndex();
    if (end < 0) {
      listener.body(bytes);
      return;
    }
    if (end > bytes.readerIndex()) {
      listener.body(bytes.readRetainedSlice(end - bytes.readerIndex()));
      listener.readComplete();
    }
    bytes.release();
    inject();
  }

  /// Index after the last event that passes; -1 if all bytes so far pass.
  private int endOfLast(ByteBuf bytes) {
    if (eventsPassed >= injection.fault().after()) {
      return bytes.readerIndex();
    }
    for (int i = bytes.readerIndex(); i < bytes.writerIndex(); i++) {
      if (endsEvent(bytes.getByte(i)) && ++eventsPassed == injection.fault().after()) {
        return i + 1;
      }
    }
    return -1;
  }

  /// An event ends with a blank line, lines end with LF or CRLF.
  private boolean endsEvent(byte next) {
    if (next == '\r') {
      return false;
    }
    if (next != '\n') {
      lineBegun = true;
      eventBegun = true;
      return false;
    }
    boolean blank = !lineBegun && eventBegun;
    lineBegun = false;
    eventBegun &= !blank;
    return blank;
  }

  /// The listener may have ended the attempt already.
  private void inject() {
    Attempt disturbed = attempt;
    passThrough = true;
    if (disturbed == null || disturbed.isEnded()) {
      return;
    }
    injection.inject();
    switch (injection.fault().kind()) {
      case CUT -> disturbed.injectCut(new Failure(Failure.Kind.CUT, injection.describe()));
      case STALL -> disturbed.injectStall();
      case ERROR, DELAY ->
          throw new IllegalStateException("not in the middle: " + injection.fault());
    }
  }

  @Override
  public void readComplete() {
    listener.readComplete();
  }

  @Override
  public void complete() {
    listener.complete();
  }

  @Override
  public void broke(Failure failure) {
    listener.broke(
        !injection.injected() || failure.message().equals(injection.describe())
            ? failure
            : new Failure(
                failure.kind(), injection.describe() + "; " + failure.message(), failure.code()));
  }
}
