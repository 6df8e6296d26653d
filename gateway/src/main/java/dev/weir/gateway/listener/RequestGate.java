// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import dev.weir.gateway.exchange.load.LoopLag;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Precedes the decoder of one connection. Records when each request arrived, rejects requests
/// while the loop is overloaded, and holds a request while the loop is late, until the loop has
/// polled again: by then it is known whether the client has disconnected. The epoll transport
/// reports that together with the last bytes; the JDK's selectors report it one poll later.
///
/// Only `POST` requests, which are those for models, wait or are rejected: health, readiness and
/// metrics are always answered. A request line that arrives in pieces passes, and so do pipelined
/// requests.
final class RequestGate extends ChannelInboundHandlerAdapter {
  private static final int POST = 'P' << 24 | 'O' << 16 | 'S' << 8 | 'T';

  private final ClientConnection connection;
  private final StrictRequestDecoder decoder;
  private final UnreadRequests unreadRequests;
  private final LoopLag lag;
  private final LongSupplier nanoTime;
  private long activeNanos;
  private long heldSinceNanos;
  private boolean rejected;
  private @Nullable ByteBuf held;
  private @Nullable ChannelHandlerContext holder;

  RequestGate(
      ClientConnection connection,
      StrictRequestDecoder decoder,
      UnreadRequests unreadRequests,
      LongSupplier nanoTime) {
    this.connection = connection;
    this.decoder = decoder;
    this.unreadRequests = unreadRequests;
    this.lag = unreadRequests.lag();
    this.nanoTime = nanoTime;
  }

  long heldSinceNanos() {
    return heldSinceNanos;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    activeNanos = nanoTime.getAsLong();
    ctx.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (rejected || !(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
      return;
    }
    ByteBuf before = held;
    if (before != null) {
      held = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, bytes);
      return;
    }
    boolean begins = connection.awaitsRequest() && !decoder.hasUnread();
    connection.arrived(arrivedNanos(), begins);
    if (begins && isPost(bytes)) {
      admit(ctx, bytes);
    } else {
      ctx.fireChannelRead(bytes);
    }
  }

  /// No poll can have seen bytes of a connection that was just registered.
  private long arrivedNanos() {
    long earliest = connection.idleSinceNanos();
    return lag.justNow(activeNanos) ? earliest : lag.arrivedNanos(earliest);
  }

  private static boolean isPost(ByteBuf bytes) {
    return bytes.readableBytes() > 4 && bytes.getInt(bytes.readerIndex()) == POST;
  }

  private void admit(ChannelHandlerContext ctx, ByteBuf bytes) {
    if (!lag.overloaded() && unreadRequests.busy()) {
      held = bytes;
      holder = ctx;
      heldSinceNanos = nanoTime.getAsLong();
      ctx.channel().config().setAutoRead(false);
      unreadRequests.enter(this);
    } else {
      decide(ctx, bytes);
    }
  }

  private void decide(ChannelHandlerContext ctx, ByteBuf bytes) {
    if (lag.overloaded()) {
      reject(ctx, bytes);
    } else {
      lag.admitted();
      ctx.fireChannelRead(bytes);
    }
  }

  private void reject(ChannelHandlerContext ctx, ByteBuf bytes) {
    rejected = true;
    ByteBuf answer = connection.overloaded(bytes, lag.refused());
    bytes.release();
    connection.refusedUnread(ctx.writeAndFlush(answer));
  }

  /// Continues the held request.
  void proceed() {
    ByteBuf bytes = held;
    ChannelHandlerContext ctx = holder;
    held = null;
    holder = null;
    if (bytes == null || ctx == null) {
      return;
    }
    ctx.channel().config().setAutoRead(true);
    decide(ctx, bytes);
    ctx.fireChannelReadComplete();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ByteBuf bytes = held;
    held = null;
    holder = null;
    if (bytes != null) {
      bytes.release();
      lag.clientLeft();
    }
    ctx.fireChannelInactive();
  }

  /// A connection with a held request is not idle.
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!(event instanceof Listener.Drain) || held == null) {
      ctx.fireUserEventTriggered(event);
    }
  }
}
