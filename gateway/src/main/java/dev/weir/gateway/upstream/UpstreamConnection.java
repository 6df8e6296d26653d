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

/// One connection to a replica: carries one attempt at a time and lies in its pool between them. It
/// goes back there when all bytes that came with an answer were read, and only when none stood
/// behind the answer: they would be taken for the answer of the next request.
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

  /// Whether an earlier attempt went over it: then the replica may close it just as we write.
  boolean used() {
    return used;
  }

  void start(Attempt next) {
    attempt = next;
    start.expect();
  }

  /// Belongs before the decoder.
  ResponseStartCheck start() {
    return start;
  }

  StrictResponseDecoder decoder() {
    return decoder;
  }

  /// Whether bytes that come now answer something.
  boolean carries() {
    return attempt != null;
  }

  /// What came is no HTTP.
  void noHttp() {
    Attempt current = attempt;
    abandon();
    if (current != null) {
      current.badAnswer();
    }
  }

  /// Forgets its attempt and closes.
  void abandon() {
    attempt = null;
    var _ = channel.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    Attempt current = attempt;
    if (current == null) {
      ReferenceCountUtil.release(message);
      unasked();
      return;
    }
    if (message instanceof HttpResponse response) {
      onHead(current, response);
    }
    if (message instanceof HttpContent content) {
      onContent(current, content);
    }
  }

  /// What nobody asked for: the next request's answer could no longer be told from it.
  void unasked() {
    answered = false;
    var _ = channel.close();
  }

  private void onHead(Attempt current, HttpResponse response) {
    if (response.decoderResult().isFailure()) {
      noHttp();
      return;
    }
    int status = response.status().code();
    informational = status / 100 == 1;
    if (status == 101 || status < 100 || status > 599) {
      noHttp();
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

  /// A reset is a close; the attempt hears of it in `channelInactive`.
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var _ = ctx.close();
  }
}
