// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// A pool of keep-alive connections to one address, last used first. Does not reuse a connection
/// that was idle for 5 s: servers close idle connections, and a request that crosses with a close
/// must not count as a failure. Never resends a request. Confined to one event loop.
final class Connections {
  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
  private static final long IDLE_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);

  private final Bootstrap bootstrap;
  private final String model;
  private final PlayerOptions options;
  private final LongSupplier nanoTime;
  private final ArrayDeque<Idle> idle = new ArrayDeque<>();

  private record Idle(Channel channel, long sinceNanos) {}

  /// @param model the model name as a JSON string
  /// @param tls empty for `http`
  Connections(
      EventLoop loop,
      Class<? extends Channel> kind,
      String model,
      PlayerOptions options,
      Optional<SslContext> tls,
      LongSupplier nanoTime) {
    this.model = model;
    this.options = options;
    this.nanoTime = nanoTime;
    this.bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(kind)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
            .remoteAddress(options.baseUrl().getHost(), options.port())
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    tls.ifPresent(context ->
                        channel
                            .pipeline()
                            .addLast(
                                context.newHandler(
                                    channel.alloc(), options.baseUrl().getHost(), options.port())));
                    channel.pipeline().addLast(new HttpClientCodec(), new Receiver());
                  }
                });
  }

  void send(Exchange exchange) {
    Channel reused = reusable();
    if (reused != null) {
      write(reused, exchange);
      return;
    }
    ChannelFuture connecting = bootstrap.connect();
    var _ =
        connecting.addListener(done -> {
          if (done.isSuccess() && !exchange.ended()) {
            write(connecting.channel(), exchange);
          } else if (done.isSuccess()) {
            var _ = connecting.channel().close();
          } else {
            exchange.broken("connection refused");
          }
        });
  }

  private @Nullable Channel reusable() {
    for (Idle last = idle.pollLast(); last != null; last = idle.pollLast()) {
      if (last.channel.isActive() && nanoTime.getAsLong() - last.sinceNanos < IDLE_NANOS_MAX) {
        return last.channel;
      }
      var _ = last.channel.close();
    }
    return null;
  }

  private void write(Channel channel, Exchange exchange) {
    channel.pipeline().get(Receiver.class).begin(channel, exchange);
    var _ = channel.writeAndFlush(request(exchange));
  }

  private FullHttpRequest request(Exchange exchange) {
    String json = exchange.playerRequest().body(model);
    ByteBuf body = ByteBufUtil.writeUtf8(ByteBufAllocator.DEFAULT, json);
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.POST, exchange.playerRequest().path(), body);
    request.headers().set(HttpHeaderNames.HOST, options.baseUrl().getAuthority());
    request.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
    request.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    request.headers().set("x-request-id", exchange.requestId());
    request.headers().set(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
    options
        .apiKey()
        .ifPresent(key -> request.headers().set(HttpHeaderNames.AUTHORIZATION, "Bearer " + key));
    return request;
  }

  private void release(Channel channel) {
    idle.addLast(new Idle(channel, nanoTime.getAsLong()));
    if (idle.size() > options.maxInFlight()) {
      var _ = idle.removeFirst().channel.close();
    }
  }

  /// Aborts an exchange that timed out and closes its connection.
  void giveUp(Exchange exchange, String reason) {
    Channel channel = exchange.channel();
    exchange.broken(reason);
    if (channel != null) {
      var _ = channel.close();
    }
  }

  /// Passes responses of one connection to their exchange.
  private final class Receiver extends SimpleChannelInboundHandler<HttpObject> {
    private @Nullable Exchange exchange;
    private boolean keepAlive;

    void begin(Channel channel, Exchange next) {
      exchange = next;
      next.sentOn(channel);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
      Exchange current = exchange;
      if (current == null || message.decoderResult().isFailure()) {
        abort(context, "malformed HTTP");
        return;
      }
      if (message instanceof HttpResponse response) {
        keepAlive = HttpUtil.isKeepAlive(response);
        current.head(response);
      }
      if (message instanceof HttpContent content) {
        current.body(content.content());
      }
      if (message instanceof LastHttpContent last) {
        exchange = null;
        current.trailers(last.trailingHeaders());
        releaseOrClose(context.channel());
        current.end();
      }
    }

    private void releaseOrClose(Channel channel) {
      if (keepAlive && channel.isActive()) {
        release(channel);
      } else {
        var _ = channel.close();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      abort(context, "connection closed");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      abort(context, "connection reset");
    }

    private void abort(ChannelHandlerContext context, String reason) {
      Exchange current = exchange;
      exchange = null;
      var _ = context.close();
      if (current != null) {
        current.broken(reason);
      }
    }
  }
}
