// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The answer to one request on a connection.
final class ResponseStream implements ClientStream {
  private static final byte[] WAITING = ": waiting\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final String EVENTS = "text/event-stream";

  /// After its deadline a client can still receive an error for this long.
  private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final ClientConnection connection;
  private final Channel channel;
  private final boolean modern;
  private boolean keepAlive;
  private OptionalLong latestNanos = OptionalLong.empty();
  private boolean begun;
  private boolean ended;
  private boolean withoutBody;
  private boolean takesTrailers;
  private final HttpHeaders trailers = new DefaultHttpHeaders();
  private @Nullable Listener listener;
  private @Nullable UnaryOperator<ByteBuf> aheadOfAnswer;

  /// @param modern whether the client uses HTTP/1.1, which supports chunks
  ResponseStream(ClientConnection connection, Channel channel, boolean keepAlive, boolean modern) {
    this.connection = connection;
    this.channel = channel;
    this.keepAlive = keepAlive;
    this.modern = modern;
  }

  void head(RequestHead head) {
    takesTrailers = modern && head.first("te").filter(ResponseStream::trailers).isPresent();
    withoutBody = head.method().equals("HEAD");
  }

  private static boolean trailers(String te) {
    return Stream.of(te.split(",", -1)).anyMatch(one -> one.trim().equalsIgnoreCase("trailers"));
  }

  void closeAfter() {
    keepAlive = false;
  }

  void keepAlive(boolean whenAnswered) {
    keepAlive = whenAnswered;
  }

  // --- connection events

  void gone() {
    ended = true;
    Listener current = listener;
    if (current != null) {
      current.gone();
    }
  }

  void writabilityChanged(boolean writable) {
    Listener current = listener;
    if (current != null && !ended) {
      current.writabilityChanged(writable);
    }
  }

  // --- ClientStream

  @Override
  public EventLoop loop() {
    return channel.eventLoop();
  }

  @Override
  public void deadline(long atNanos) {
    latestNanos = OptionalLong.of(atNanos + GRACE_NANOS);
  }

  /// Whether the client no longer waits for the answer.
  private boolean tooLate() {
    return latestNanos.isPresent() && connection.nanoTime() - latestNanos.getAsLong() > 0;
  }

  @Override
  public void listen(Listener next) {
    listener = next;
  }

  @Override
  public void waiting(HttpHeaders headers, UnaryOperator<ByteBuf> asEvent) {
    if (!begun) {
      begin(200, headers);
      aheadOfAnswer = asEvent;
    }
    if (aheadOfAnswer != null) {
      write(Unpooled.wrappedBuffer(WAITING));
      flush();
    }
  }

  /// The status is already sent, so the answer becomes the stream's last event.
  private void answerInStream(UnaryOperator<ByteBuf> asEvent, HttpHeaders headers, ByteBuf body) {
    aheadOfAnswer = null;
    trailers(headers);
    write(asEvent.apply(body));
    end();
  }

  private void trailers(HttpHeaders headers) {
    headers.forEach(header -> {
      if (header.getKey().startsWith("x-weir-")) {
        trailer(header.getKey(), header.getValue());
      }
    });
  }

  @Override
  public void answer(int status, HttpHeaders headers, ByteBuf body) {
    UnaryOperator<ByteBuf> asEvent = aheadOfAnswer;
    if (asEvent != null) {
      answerInStream(asEvent, headers, body);
      return;
    }
    if (ended || begun) {
      body.release();
      return;
    }
    if (tooLate()) {
      body.release();
      abort();
      return;
    }
    ended = true;
    prepare(headers);
    headers.set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    ByteBuf sent = body;
    if (withoutBody) {
      body.release();
      sent = Unpooled.EMPTY_BUFFER;
    }
    sent(
        channel.writeAndFlush(
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(status),
                sent,
                headers,
                EmptyHttpHeaders.INSTANCE)));
  }

  private void prepare(HttpHeaders headers) {
    keepAlive &= !connection.draining();
    if (!keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (!modern) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
  }

  @Override
  public void begin(int status, HttpHeaders headers) {
    if (aheadOfAnswer != null) {
      beginInStream(headers);
      return;
    }
    if (ended || begun) {
      return;
    }
    if (tooLate()) {
      abort();
      return;
    }
    begun = true;
    headers.remove(HttpHeaderNames.CONTENT_LENGTH);
    if (modern) {
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    } else {
      keepAlive = false;
    }
    prepare(headers);
    var _ =
        channel.write(
            new DefaultHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), headers),
            channel.voidPromise());
  }

  private void beginInStream(HttpHeaders headers) {
    aheadOfAnswer = null;
    trailers(headers);
    String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
    if (!type.startsWith(EVENTS)) {
      abort(); // a body that is not an event stream cannot be sent in one
    }
  }

  @Override
  public void write(ByteBuf bytes) {
    if (ended || !begun) {
      bytes.release();
      return;
    }
    var _ = channel.write(new DefaultHttpContent(bytes), channel.voidPromise());
  }

  @Override
  public void flush() {
    if (!ended) {
      channel.flush();
    }
  }

  @Override
  public void trailer(String name, String value) {
    if (takesTrailers) {
      trailers.set(name, value);
    }
  }

  @Override
  public void end() {
    if (ended || !begun) {
      return;
    }
    ended = true;
    sent(channel.writeAndFlush(new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, trailers)));
  }

  @Override
  public void abort() {
    if (!ended) {
      ended = true;
      connection.answered(this, true, channel.newSucceededFuture());
      var _ = channel.close();
    }
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  private void sent(ChannelFuture written) {
    connection.answered(this, !keepAlive, written);
  }
}
