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

/// One connection to a replica: carries one attempt at a time and lies in its pool between them.
final class Connection extends ChannelInboundHandlerAdapter {
  final Channel channel;
  private final Pool pool;
  private final AnswerStart start = new AnswerStart(this);
  private @Nullable Attempt attempt;
  private boolean informational;
  private boolean keepAlive;
  private boolean used;
  long idleSinceNanos;

  Connection(Channel channel, Pool pool) {
    this.channel = channel;
    this.pool = pool;
  }

  /// Whether an earlier attempt went over it: then the replica may close it just as we write.
  boolean used() {
    return used;
  }

  void carry(Attempt next) {
    attempt = next;
    start.expect();
  }

  /// Belongs before the codec.
  AnswerStart start() {
    return start;
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
      var _ = ctx.close();
      return;
    }
    if (message instanceof HttpResponse response) {
      onHead(current, response);
    }
    if (message instanceof HttpContent content) {
      onContent(current, content);
    }
  }

  private void onHead(Attempt current, HttpResponse response) {
    if (response.decoderResult().isFailure()) {
      noHttp();
      return;
    }
    int status = response.status().code();
    informational = status / 100 == 1;
    if (status == 101) {
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
      pool.giveBack(this, keepAlive && current.requestWritten());
      current.complete();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    Attempt current = attempt;
    if (current != null) {
      current.readComplete();
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
