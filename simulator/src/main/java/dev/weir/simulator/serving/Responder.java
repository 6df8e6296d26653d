// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Writes the response to one request: one complete response or a stream of events.
final class Responder {
  private final ChannelHandlerContext context;
  private final EngineLoop engine;
  private final Runnable next;
  private final boolean keepAlive;
  private final boolean head;
  private Function<ApiError, JsonNode> shape = ApiError::json;
  private @Nullable Runnable onAbort;
  private @Nullable ByteBuf pending;

  Responder(
      ChannelHandlerContext context, FullHttpRequest request, EngineLoop engine, Runnable next) {
    this.context = context;
    this.engine = engine;
    this.next = next;
    this.keepAlive = HttpUtil.isKeepAlive(request);
    this.head = request.method().name().equals("HEAD");
  }

  /// Sets the action for a client that disconnects before the response is complete.
  void onAbort(Runnable action) {
    onAbort = action;
  }

  void abort() {
    dropPending();
    Runnable action = onAbort;
    onAbort = null;
    if (action != null) {
      action.run();
    }
  }

  /// Sets the format of errors.
  void errorsAs(Function<ApiError, JsonNode> other) {
    shape = other;
  }

  void error(ApiError error) {
    json(error.status(), shape.apply(error));
  }

  void json(int status, JsonNode body) {
    whole(status, "application/json", body.toString());
  }

  void whole(int status, String contentType, String body) {
    ByteBuf bytes = Unpooled.copiedBuffer(head ? "" : body, StandardCharsets.UTF_8);
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), bytes);
    if (!contentType.isEmpty()) {
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
    }
    response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, bytes.readableBytes());
    common(response);
    onAbort = null;
    finish(response);
  }

  /// Sends the headers of a stream immediately, before the first token, as vLLM does.
  void beginStream() {
    HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8");
    HttpUtil.setTransferEncodingChunked(response, true);
    common(response);
    var _ = context.writeAndFlush(response);
  }

  /// Adds ASCII text to the stream; it is flushed at the end of the current run.
  void stream(CharSequence ascii) {
    ByteBuf buffer = pending;
    boolean first = buffer == null;
    if (buffer == null) {
      buffer = context.alloc().buffer(ascii.length() + 64);
      pending = buffer;
    }
    ByteBufUtil.writeAscii(buffer, ascii);
    if (first) {
      engine.flushLater(this::flush);
    }
  }

  private void flush() {
    ByteBuf buffer = pending;
    pending = null;
    if (buffer != null) {
      var _ = context.writeAndFlush(new DefaultHttpContent(buffer), context.voidPromise());
    }
  }

  void endStream() {
    onAbort = null;
    flush();
    finish(LastHttpContent.EMPTY_LAST_CONTENT);
  }

  /// Closes the connection after sending the streamed text.
  void cut(boolean reset) {
    flush();
    if (reset) {
      context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
    }
    var _ = context.close();
  }

  private void finish(Object last) {
    var written = context.writeAndFlush(last);
    if (keepAlive) {
      next.run();
    } else {
      var _ = written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void common(HttpResponse response) {
    response.headers().set(HttpHeaderNames.SERVER, "uvicorn");
    if (!keepAlive) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  private void dropPending() {
    ByteBuf buffer = pending;
    pending = null;
    if (buffer != null) {
      buffer.release();
    }
  }
}
