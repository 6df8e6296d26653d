// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/// One connection to a replica: carries one attempt at a time and is pooled between attempts. It
/// returns to the pool when all bytes of the read were processed, and only if none followed the
/// response: they would be mistaken for the next response.
final class UpstreamConnection extends ChannelInboundHandlerAdapter {
  final Channel channel;
  private final ConnectionPool pool;
  private final ResponseStartCheck start = new ResponseStartCheck(this);
  private final StrictResponseDecoder decoder = new StrictResponseDecoder();
  private @Nullable Attempt attempt;
  private boolean informational;
  private boolean keepAlive;
  private boolean used;
  private boolean answered;
  long idleSinceNanos;

  UpstreamConnection(Channel channel, ConnectionPool pool) {
    this.channel = channel;
    this.pool = pool;
  }

  /// Whether an earlier attempt used it: then the replica may close it while a request is being
  /// sent.
  boolean used() {
    return used;
  }

  void start(Attempt next) {
    attempt = next;
    start.expect();
  }

  /// The handler that precedes the decoder.
  ResponseStartCheck start() {
    return start;
  }

  StrictResponseDecoder decoder() {
    return decoder;
  }

  /// Whether received bytes belong to a request.
  boolean isBusy() {
    return attempt != null;
  }

  /// The response is not HTTP.
  void notHttp() {
    Attempt current = attempt;
    abandon();
    if (current != null) {
      current.badAnswer();
    }
  }

  /// Detaches its attempt and closes.
  void abandon() {
    attempt = null;
    var _ = channel.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    Attempt current = attempt;
    if (current == null) {
      ReferenceCountUtil.release(message);
      unexpectedBytes();
      return;
    }
    if (message instanceof HttpResponse response) {
      onHead(current, response);
    }
    if (message instanceof HttpContent content) {
      onContent(current, content);
    }
  }

  /// Bytes without a request: the next response could not be distinguished from them.
  void unexpectedBytes() {
    answered = false;
    var _ = channel.close();
  }

  private void onHead(Attempt current, HttpResponse response) {
    if (response.decoderResult().isFailure()) {
      notHttp();
      return;
    }
    int status = response.status().code();
    informational = status / 100 == 1;
    if (status == 101 || status < 100 || status > 599) {
      notHttp();
    } else if (!informational) {
      keepAlive = HttpUtil.isKeepAlive(response);
      current.head(status, response.headers());
    }
  }

  private void onContent(Attempt current, HttpContent content) {
    boolean last = content instanceof LastHttpContent;
    if (attempt != current || informational) {
      content.release();
      return;
    }
    if (content.decoderResult().isFailure()) {
      content.release();
      attempt = null;
      var _ = channel.close();
      current.closed();
      return;
    }
    if (content.content().isReadable()) {
      current.body(content.content());
    } else {
      content.release();
    }
    if (last && attempt == current) {
      attempt = null;
      used = true;
      answered = keepAlive && current.requestWritten();
      if (!answered) {
        var _ = channel.close();
      }
      current.complete();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    Attempt current = attempt;
    if (current != null) {
      current.readComplete();
    } else if (answered) {
      answered = false;
      pool.release(this, !decoder.hasUnread());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    pool.gone(this);
    Attempt current = attempt;
    attempt = null;
    if (current != null) {
      current.closed();
    }
  }

  /// A reset is a close; `channelInactive` reports it to the attempt.
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var _ = ctx.close();
  }
}
