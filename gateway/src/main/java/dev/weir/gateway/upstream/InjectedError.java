// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import dev.weir.gateway.exchange.AttemptControl;
import dev.weir.gateway.exchange.AttemptListener;
import dev.weir.gateway.exchange.Injection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;

/// An attempt that is answered with an injected error status; no replica is asked. Event loop only.
final class InjectedError implements AttemptControl {
  private final Injection injection;
  private final AttemptListener listener;
  private boolean over;

  InjectedError(Injection injection, AttemptListener listener) {
    this.injection = injection;
    this.listener = listener;
  }

  /// Not before the listener has its way back.
  void answer() {
    if (over) {
      return;
    }
    over = true;
    injection.strike();
    ByteBuf body = Unpooled.copiedBuffer(body(), StandardCharsets.UTF_8);
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    headers.set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    listener.head(injection.fault().status(), headers);
    listener.body(body);
    listener.complete();
  }

  /// Names and effects are Weir's own words: nothing in them needs escaping.
  private String body() {
    return "{\"error\":{\"message\":\"%s\",\"type\":\"injected_fault\",\"code\":\"injected_fault\"}}"
        .formatted(injection.told());
  }

  @Override
  public void progress() {
    // There is no deadline to meet.
  }

  @Override
  public void pause() {
    // There is nobody to stop reading from.
  }

  @Override
  public void resume() {
    // Nor to read on from.
  }

  @Override
  public void cancel() {
    over = true;
  }
}
