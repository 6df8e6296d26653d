// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client connection. Requests are handled in sequence; a disconnect aborts the current one.
final class SimConnection extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(SimConnection.class);

  /// Maximum pipelined requests behind the current one.
  private static final int PIPELINED_MAX = 16;

  private final SimRoutes routes;
  private final EngineLoop engine;
  private final ArrayDeque<FullHttpRequest> pipelined = new ArrayDeque<>();
  private @Nullable Responder answering;

  SimConnection(SimRoutes routes, EngineLoop engine) {
    this.routes = routes;
    this.engine = engine;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    if (answering == null) {
      answer(context, request);
    } else if (pipelined.size() < PIPELINED_MAX) {
      pipelined.add(request.retain());
    } else {
      var _ = context.close();
    }
  }

  private void answer(ChannelHandlerContext context, FullHttpRequest request) {
    boolean malformed = request.decoderResult().isFailure();
    if (malformed) {
      // The decoder does not continue after a failure, so the connection must be closed.
      HttpUtil.setKeepAlive(request, false);
    }
    Responder responder = new Responder(context, request, engine, () -> next(context));
    answering = responder;
    if (malformed) {
      responder.error(ApiError.plain(400, "Bad Request"));
    } else {
      routes.answer(request, responder);
    }
  }

  private void next(ChannelHandlerContext context) {
    answering = null;
    FullHttpRequest request = pipelined.poll();
    if (request != null) {
      try {
        answer(context, request);
      } finally {
        request.release();
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    pipelined.forEach(FullHttpRequest::release);
    pipelined.clear();
    if (answering != null) {
      answering.abort();
      answering = null;
    }
  }

  /// Disconnects a client that reads too slowly for the buffer limit.
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (!context.channel().isWritable()) {
      LOG.atWarn()
          .addKeyValue("event", "client.slow")
          .addKeyValue("address", context.channel().remoteAddress())
          .log("A client reads too slowly; its connection is closed");
      var _ = context.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.atDebug()
        .addKeyValue("event", "connection.failed")
        .addKeyValue("address", context.channel().remoteAddress())
        .setCause(cause)
        .log("A connection failed");
    var _ = context.close();
  }
}
