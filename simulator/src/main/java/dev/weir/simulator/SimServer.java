// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator;

import dev.weir.simulator.fault.FaultPlan;
import dev.weir.simulator.serving.ServedModel;
import dev.weir.simulator.serving.ServerSetup;
import dev.weir.simulator.serving.SimulatedModelServer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// A running simulated model server with one event loop thread, which is idle without requests.
public final class SimServer implements AutoCloseable {
  private static final WriteBufferWaterMark CLIENT_BUFFER =
      new WriteBufferWaterMark(1 << 20, 8 << 20);

  private final EventLoopGroup group;
  private final ChannelGroup channels;
  private final Channel listener;
  private final SimulatedModelServer server;

  private SimServer(
      EventLoopGroup group, ChannelGroup channels, Channel listener, SimulatedModelServer server) {
    this.group = group;
    this.channels = channels;
    this.listener = listener;
    this.server = server;
  }

  /// Starts a server whose crash fault resets its connections and stops listening, as if its
  /// process had died; the JVM continues.
  public static SimServer start(SimOptions options) {
    ChannelGroup[] channels = new ChannelGroup[1];
    return start(options, channels, () -> resetConnections(channels[0]));
  }

  /// Starts a server with a custom crash action, called on the event loop.
  public static SimServer start(SimOptions options, Runnable crash) {
    return start(options, new ChannelGroup[1], crash);
  }

  private static SimServer start(SimOptions options, ChannelGroup[] shared, Runnable crash) {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, io);
    EventLoop loop = group.next();
    ChannelGroup channels = new DefaultChannelGroup(loop);
    shared[0] = channels;
    try {
      SimulatedModelServer server = new SimulatedModelServer(setup(options, crash), loop);
      ChannelFuture bound =
          new ServerBootstrap()
              .group(group)
              .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
              .option(ChannelOption.SO_BACKLOG, 1024)
              .childOption(ChannelOption.TCP_NODELAY, true)
              .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, CLIENT_BUFFER)
              .childHandler(server.connections(channels))
              .bind(options.host(), options.port())
              .awaitUninterruptibly();
      if (!bound.isSuccess()) {
        // `sync` would throw the cause, an undeclared checked exception.
        IOException cause = new IOException(bound.cause());
        throw new UncheckedIOException(String.valueOf(bound.cause().getMessage()), cause);
      }
      Channel listener = bound.channel();
      channels.add(listener);
      return new SimServer(group, channels, listener, server);
    } catch (RuntimeException failed) {
      stop(group);
      throw failed;
    }
  }

  private static ServerSetup setup(SimOptions options, Runnable crash) {
    ServedModel model =
        new ServedModel(
            options.model(),
            options.version(),
            options.maxModelLen(),
            options.apiKey(),
            options.judge(),
            System.currentTimeMillis() / 1000);
    return new ServerSetup(
        model,
        options.profile(),
        options.limits(),
        options.noise(),
        Math.round(options.loadSeconds() * 1e9),
        options.faults(),
        new SplittableRandom(options.seed()),
        new SplittableRandom(System.nanoTime() ^ (ProcessHandle.current().pid() << 40)),
        System::nanoTime,
        crash);
  }

  private static void resetConnections(ChannelGroup channels) {
    for (Channel channel : channels) {
      if (!(channel instanceof ServerSocketChannel)) {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
      }
      var _ = channel.close();
    }
  }

  /// The port it listens on.
  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /// The numeric address on which it listens.
  String address() {
    return ((InetSocketAddress) listener.localAddress()).getAddress().getHostAddress();
  }

  /// `http://host:port`.
  public String baseUrl() {
    return "http://" + address() + ":" + port();
  }

  /// Sets the faults; they apply when this returns.
  public void setFaults(FaultPlan faults) {
    group.next().submit(() -> server.setFaults(faults)).syncUninterruptibly();
  }

  /// Waits until it stops listening.
  public void awaitClosed() throws InterruptedException {
    listener.closeFuture().await();
  }

  /// Stops immediately and aborts requests in flight.
  @Override
  public void close() {
    channels.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
    stop(group);
  }

  private static void stop(EventLoopGroup group) {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
