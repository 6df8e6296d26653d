// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import dev.weir.gateway.exchange.RequestHandler;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/// Accepts connections and gives each one its [ClientConnection] on one event loop.
public final class Listener {
  private final Limits limits;
  private final Function<EventLoop, RequestHandler> handlers;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final AtomicBoolean draining = new AtomicBoolean();
  private final Channel server;

  /// Binds and accepts.
  ///
  /// @param handlers the handler of each loop
  /// @throws java.io.UncheckedIOException when the address cannot be bound
  public Listener(
      EventLoopGroup loops,
      Class<? extends ServerSocketChannel> channelType,
      InetSocketAddress address,
      Limits limits,
      Function<EventLoop, RequestHandler> handlers) {
    this.limits = limits;
    this.handlers = handlers;
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(channelType)
            .option(ChannelOption.SO_BACKLOG, 4096)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(64 * 1024, 256 * 1024))
            .childHandler(new Initializer())
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new UncheckedIOException(
          "cannot listen on "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + reason(bound),
          new IOException(bound.cause()));
    }
    this.server = bound.channel();
  }

  private static String reason(ChannelFuture bound) {
    return Optional.ofNullable(bound.cause())
        .map(Throwable::getMessage)
        .orElse("the address cannot be bound");
  }

  private final class Initializer extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      connections.add(channel);
      boolean full = connections.size() > limits.maxConnections();
      channel
          .pipeline()
          .addLast(new StrictRequestDecoder(limits))
          .addLast(new HttpResponseEncoder())
          .addLast(
              new ClientConnection(
                  channel, limits, handlers.apply(channel.eventLoop()), draining::get, full));
    }
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
  }

  /// Connections that are open now.
  public int connections() {
    return connections.size();
  }

  /// Accepts no more, closes what is idle, lets running requests end and closes each connection
  /// after its answer. Blocks the caller until all are closed or the time is over.
  ///
  /// @return whether all ended by themselves
  public boolean drain(long timeoutMillis) {
    draining.set(true);
    server.close().syncUninterruptibly();
    connections.forEach(channel -> channel.pipeline().fireUserEventTriggered(Drain.NOW));
    return connections.newCloseFuture().awaitUninterruptibly(timeoutMillis, TimeUnit.MILLISECONDS);
  }

  /// Closes everything at once.
  public void close() {
    server.close().syncUninterruptibly();
    connections.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  /// Tells a connection to end after what it is doing.
  enum Drain {
    NOW
  }
}
