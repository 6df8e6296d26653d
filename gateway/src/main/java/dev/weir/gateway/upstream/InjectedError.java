// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import dev.weir.gateway.exchange.AttemptControl;
import dev.weir.gateway.exchange.AttemptListener;
import dev.weir.gateway.exchange.FaultInjection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;

/// An attempt that is answered with an injected error status; no replica is called. Event loop
/// only.
final class InjectedError implements AttemptControl {
  private final FaultInjection injection;
  private final AttemptListener listener;
  private boolean ended;

  InjectedError(FaultInjection injection, AttemptListener listener) {
    this.injection = injection;
    this.listener = listener;
  }

  /// Sends the answer. Call only after the listener is connected to the attempt.
  void answer() {
    if (ended) {
      return;
    }
    ended = true;
    injection.inject();
    ByteBuf body = Unpooled.copiedBuffer(body(), StandardCharsets.UTF_8);
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    headers.set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    listener.head(injection.fault().status(), headers);
    listener.body(body);
    listener.complete();
  }

  /// Names and effects are created by Weir and need no escaping.
  private String body() {
    return "{\"error\":{\"message\":\"%s\",\"type\":\"injected_fault\",\"code\":\"injected_fault\"}}"
        .formatted(injection.describe());
  }

  @Override
  public void progress() {
    // There is no deadline.
  }

  @Override
  public void pause() {
    // There is no connection to read from.
  }

  @Override
  public void resume() {
    // There is no connection to read from.
  }

  @Override
  public void cancel() {
    ended = true;
  }
}
