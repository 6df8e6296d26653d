// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/// Netty's transport: epoll where available, otherwise NIO.
///
/// @param handlers creates the I/O handler of one loop
public record SocketTransport(
    IoHandlerFactory handlers,
    Class<? extends ServerSocketChannel> serverType,
    Class<? extends SocketChannel> socketType) {

  public static SocketTransport best() {
    return Epoll.isAvailable()
        ? new SocketTransport(
            EpollIoHandler.newFactory(), EpollServerSocketChannel.class, EpollSocketChannel.class)
        : new SocketTransport(
            NioIoHandler.newFactory(), NioServerSocketChannel.class, NioSocketChannel.class);
  }

  /// @param count 0 for one per processor
  public MultiThreadIoEventLoopGroup loops(int count) {
    int threads = count == 0 ? Runtime.getRuntime().availableProcessors() : count;
    return new MultiThreadIoEventLoopGroup(
        threads, new DefaultThreadFactory("gateway", true), handlers);
  }
}
