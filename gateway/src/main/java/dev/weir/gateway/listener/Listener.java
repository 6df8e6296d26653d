// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import dev.weir.gateway.exchange.RequestHandler;
import dev.weir.gateway.exchange.Turnover;
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
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;

/// Accepts connections and gives each one its [ClientConnection] on one event loop.
public final class Listener {
  private final Limits limits;
  private final BodyMemory memory;
  private final Turnover turnover;
  private final Optional<Handshakes> handshakes;
  private final Set<String> allowedOrigins;
  private final Function<EventLoop, RequestHandler> handlers;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final AtomicBoolean draining = new AtomicBoolean();
  private final Channel server;

  /// Binds and accepts.
  ///
  /// @param tls empty for plain HTTP
  /// @param allowedOrigins whose pages may read answers; `*` for those of every origin
  /// @param handlers the handler of each loop
  /// @param nanoTime monotonic nanoseconds
  /// @throws java.io.UncheckedIOException when the address cannot be bound
  public Listener(
      EventLoopGroup loops,
      Class<? extends ServerSocketChannel> channelType,
      InetSocketAddress address,
      Limits limits,
      Optional<SSLContext> tls,
      Set<String> allowedOrigins,
      Function<EventLoop, RequestHandler> handlers,
      LongSupplier nanoTime) {
    this.limits = limits;
    this.memory = new BodyMemory(limits.maxHeldBytes(), nanoTime);
    this.handshakes = tls.map(context -> new Handshakes(context, limits.handshakeMillis()));
    this.allowedOrigins = Set.copyOf(allowedOrigins);
    this.handlers = handlers;
    this.turnover = new Turnover(nanoTime);
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
      OptionalLong fullNanos = fullNanos(channel);
      if (fullNanos.isPresent() && handshakes.isPresent()) {
        // Telling it would cost a handshake, which is what a flood wants.
        var _ = channel.close();
        return;
      }
      handshakes.ifPresent(tls -> channel.pipeline().addLast(tls.handler(channel.alloc())));
      channel
          .pipeline()
          .addLast(new StrictRequestDecoder(limits))
          .addLast(new HttpResponseEncoder());
      if (!allowedOrigins.isEmpty()) {
        channel.pipeline().addLast(new CrossOrigin(allowedOrigins));
      }
      channel
          .pipeline()
          .addLast(
              new ClientConnection(
                  channel,
                  limits,
                  memory,
                  handlers.apply(channel.eventLoop()),
                  draining::get,
                  fullNanos));
    }

    private OptionalLong fullNanos(Channel channel) {
      if (connections.size() > limits.maxConnections()) {
        turnover.refused(1);
        return OptionalLong.of(turnover.nanosUntilRoom());
      }
      var _ = channel.closeFuture().addListener(_ -> turnover.left(1));
      return OptionalLong.empty();
    }
  }

  /// Shows another certificate to connections from now on; those that are open keep theirs.
  ///
  /// @throws IllegalStateException when it listens in plain HTTP
  public void show(SSLContext next) {
    handshakes.orElseThrow(() -> new IllegalStateException("this listener has no TLS")).show(next);
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
    handshakes.ifPresent(Handshakes::close);
  }

  /// Tells a connection to end after what it is doing.
  enum Drain {
    NOW
  }
}
