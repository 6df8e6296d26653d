// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import dev.weir.gateway.exchange.RequestHandler;
import dev.weir.gateway.exchange.load.DrainEstimator;
import dev.weir.gateway.exchange.load.LoopLag;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;

/// Accepts connections and assigns each its [ClientConnection] on one event loop.
public final class Listener {
  /// In the operating system's message of a failed bind.
  private static final String IN_USE = "in use";

  /// Kernel backlog; connections wait there only while the acceptor's thread gets no CPU.
  private static final int BACKLOG = 1024;

  private static final AttributeKey<Long> ACCEPTED_NANOS =
      AttributeKey.valueOf(Listener.class, "acceptedNanos");

  private final ListenerLimits limits;
  private final BodyMemory memory;
  private final DrainEstimator drainEstimator;
  private final Optional<TlsHandshakes> handshakes;
  private final Set<String> allowedOrigins;
  private final Function<EventLoop, RequestHandler> handlers;
  private final LongSupplier nanoTime;
  private final Map<EventExecutor, UnreadRequests> unreadRequestsByLoop;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final AtomicBoolean draining = new AtomicBoolean();
  private final Channel server;

  /// Binds and accepts.
  ///
  /// @param acceptor only accepts connections, so that they do not wait unnoticed in the kernel
  ///   while the other loops are late
  /// @param tls empty for plain HTTP
  /// @param allowedOrigins origins whose pages may read answers; `*` for every origin
  /// @param handlers the handler of each loop
  /// @param lags the lag of each loop, measured here
  /// @param nanoTime monotonic nanoseconds
  /// @throws java.io.UncheckedIOException if the address cannot be bound
  public Listener(
      EventLoopGroup acceptor,
      EventLoopGroup loops,
      Class<? extends ServerSocketChannel> channelType,
      InetSocketAddress address,
      ListenerLimits limits,
      Optional<SSLContext> tls,
      Set<String> allowedOrigins,
      Function<EventLoop, RequestHandler> handlers,
      Function<EventLoop, LoopLag> lags,
      LongSupplier nanoTime) {
    this.limits = limits;
    this.nanoTime = nanoTime;
    this.unreadRequestsByLoop = unreadRequestsByLoop(loops, lags, nanoTime);
    this.memory = new BodyMemory(limits.maxBodyMemoryBytes(), nanoTime);
    this.handshakes = tls.map(context -> new TlsHandshakes(context, limits.handshakeMillis()));
    this.allowedOrigins = Set.copyOf(allowedOrigins);
    this.handlers = handlers;
    this.drainEstimator = new DrainEstimator(nanoTime);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(acceptor, loops)
            .channel(channelType)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(64 * 1024, 256 * 1024))
            .handler(new Acceptance())
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
    unreadRequestsByLoop.values().forEach(UnreadRequests::start);
  }

  private static String reason(ChannelFuture bound) {
    String reason =
        Optional.ofNullable(bound.cause())
            .map(Throwable::getMessage)
            .orElse("the address cannot be bound");
    return reason.contains(IN_USE)
        ? "the address is in use; `weir doctor` names the process; choose another with --gateway"
        : reason;
  }

  private static Map<EventExecutor, UnreadRequests> unreadRequestsByLoop(
      EventLoopGroup loops, Function<EventLoop, LoopLag> lags, LongSupplier nanoTime) {
    Map<EventExecutor, UnreadRequests> all = new HashMap<>();
    for (EventExecutor executor : loops) {
      EventLoop loop = (EventLoop) executor;
      all.put(loop, new UnreadRequests(loop, lags.apply(loop), nanoTime));
    }
    return Map.copyOf(all);
  }

  /// Records when each connection was accepted.
  private final class Acceptance extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ((Channel) message).attr(ACCEPTED_NANOS).set(nanoTime.getAsLong());
      ctx.fireChannelRead(message);
    }
  }

  private final class Initializer extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      connections.add(channel);
      OptionalLong fullNanos = fullNanos(channel);
      if (fullNanos.isPresent() && handshakes.isPresent()) {
        // An HTTP response would require a handshake, whose cost a flood of connections exploits.
        var _ = channel.close();
        return;
      }
      handshakes.ifPresent(tls -> channel.pipeline().addLast(tls.handler(channel.alloc())));
      connect(channel, fullNanos);
    }

    private void connect(Channel channel, OptionalLong fullNanos) {
      Long accepted = channel.attr(ACCEPTED_NANOS).get();
      ClientConnection connection =
          new ClientConnection(
              channel,
              limits,
              memory,
              handlers.apply(channel.eventLoop()),
              draining::get,
              fullNanos,
              accepted == null ? nanoTime.getAsLong() : accepted,
              nanoTime);
      StrictRequestDecoder decoder = new StrictRequestDecoder(limits);
      UnreadRequests unreadRequests =
          Objects.requireNonNull(unreadRequestsByLoop.get(channel.eventLoop()));
      channel
          .pipeline()
          .addLast(new RequestGate(connection, decoder, unreadRequests, nanoTime))
          .addLast(decoder)
          .addLast(new HttpResponseEncoder());
      if (!allowedOrigins.isEmpty()) {
        channel.pipeline().addLast(new CrossOrigin(allowedOrigins));
      }
      channel.pipeline().addLast(connection);
    }

    private OptionalLong fullNanos(Channel channel) {
      if (connections.size() > limits.maxConnections()) {
        drainEstimator.refused(1);
        return OptionalLong.of(drainEstimator.nanosUntilRoom());
      }
      var _ = channel.closeFuture().addListener(_ -> drainEstimator.left(1));
      return OptionalLong.empty();
    }
  }

  /// Uses another certificate for new connections. Open connections keep the old one.
  ///
  /// @throws IllegalStateException if the listener serves plain HTTP
  public void replaceCertificate(SSLContext next) {
    handshakes
        .orElseThrow(() -> new IllegalStateException("this listener has no TLS"))
        .replaceCertificate(next);
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
  }

  /// Number of open connections.
  public int connections() {
    return connections.size();
  }

  /// Accepts no more connections, closes idle ones, and closes the others after their answers.
  /// Blocks until all are closed or the timeout has passed.
  ///
  /// @return whether all connections closed in time
  public boolean drain(long timeoutMillis) {
    draining.set(true);
    server.close().syncUninterruptibly();
    connections.forEach(channel -> channel.pipeline().fireUserEventTriggered(Drain.NOW));
    return connections.newCloseFuture().awaitUninterruptibly(timeoutMillis, TimeUnit.MILLISECONDS);
  }

  /// Closes all connections at once.
  public void close() {
    server.close().syncUninterruptibly();
    connections.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
    handshakes.ifPresent(TlsHandshakes::close);
  }

  /// Asks a connection to end after its current request.
  enum Drain {
    NOW
  }
}
