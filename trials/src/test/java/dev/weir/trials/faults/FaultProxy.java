// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// A proxy before one engine that corrupts its answers, drawn from a seed. Runs on one event loop.
public final class FaultProxy implements AutoCloseable {
  /// One piece of an answer in so many is where a connection breaks.
  private static final int BREAKS_IN = 25;

  /// From here on no byte is part of any text in UTF-8.
  private static final int NEVER_TEXT = 0xF8;

  private static final long END_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int LEAST_DELAY_MILLIS = 50;
  private static final int MOST_DELAY_MILLIS = 250;
  private static final String METRICS = "GET /metrics ";
  private static final String NO_METRICS = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";

  private final EventLoop loop;
  private final SplittableRandom random;
  private final Channel server;
  private final InetSocketAddress target;
  private volatile Mode mode = Mode.WELL;

  /// The fault of the connection to the engine.
  public enum Mode {
    WELL,
    /// Connections are reset, some in the middle of an answer.
    RESET,
    /// The engine's side closes in the middle of an answer, and the proxy still reads from the
    /// gateway.
    HALF_CLOSE,
    /// Bytes that are no HTTP, instead of an answer and in its middle, and bytes that are no text
    /// inside of one that is well framed.
    GARBAGE,
    /// Each piece of an answer comes late.
    SLOW,
    /// `/metrics` is not there.
    NO_METRICS
  }

  /// @param target the engine
  public FaultProxy(EventLoop loop, InetSocketAddress target, long seed)
      throws InterruptedException {
    this.loop = loop;
    this.target = target;
    this.random = new SplittableRandom(seed);
    this.server =
        new ServerBootstrap()
            .group(loop, loop)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel gateway) {
                    gateway.pipeline().addLast(new Ask(gateway));
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
  }

  public String url() {
    return "http://127.0.0.1:" + ((InetSocketAddress) server.localAddress()).getPort();
  }

  public void set(Mode next) {
    mode = next;
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private static void reset(SocketChannel channel) {
    channel.config().setSoLinger(0);
    var _ = channel.close();
  }

  private static void closeAfterWriting(Channel channel) {
    if (channel.isActive()) {
      var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  /// Bytes from the gateway to the engine.
  private final class Ask extends ChannelInboundHandlerAdapter {
    private final SocketChannel gateway;
    private Channel engine;

    Ask(SocketChannel gateway) {
      this.gateway = gateway;
      this.engine = gateway;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      ChannelFuture connecting =
          new Bootstrap()
              .group(loop)
              .channel(NioSocketChannel.class)
              .option(ChannelOption.TCP_NODELAY, true)
              .handler(new Answer(gateway))
              .connect(target);
      engine = connecting.channel();
      var _ =
          connecting.addListener(_ -> {
            if (connecting.isSuccess()) {
              gateway.config().setAutoRead(true);
            } else {
              reset(gateway);
            }
          });
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      if (mode == Mode.NO_METRICS
          && bytes.toString(StandardCharsets.US_ASCII).startsWith(METRICS)) {
        bytes.release();
        answer(NO_METRICS);
      } else if (mode == Mode.GARBAGE && chance(BREAKS_IN)) {
        bytes.release();
        answer("SSH-2.0-OpenSSH_9.2\r\n");
        closeAfterWriting(gateway);
      } else {
        var _ = engine.writeAndFlush(bytes);
      }
    }

    private void answer(String text) {
      var _ = gateway.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      var _ = engine.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close();
    }
  }

  /// Bytes from the engine to the gateway.
  private final class Answer extends ChannelInboundHandlerAdapter {
    private final SocketChannel gateway;
    private final ArrayDeque<ByteBuf> late = new ArrayDeque<>();
    private long lastAtNanos;
    private boolean broken;

    Answer(SocketChannel gateway) {
      this.gateway = gateway;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      boolean breaks = !broken && chance(BREAKS_IN);
      if (broken) {
        bytes.release();
      } else if (mode == Mode.SLOW || !late.isEmpty()) {
        late(bytes);
      } else if (breaks && mode == Mode.RESET) {
        stop(bytes);
        reset(gateway);
      } else if (breaks && mode == Mode.HALF_CLOSE) {
        stop(bytes);
        var _ = gateway.shutdownOutput();
      } else if (breaks && mode == Mode.GARBAGE) {
        spoil(bytes);
      } else {
        var _ = gateway.writeAndFlush(bytes);
      }
    }

    private void stop(ByteBuf bytes) {
      broken = true;
      bytes.release();
    }

    /// Either all of it, so that nothing is HTTP any more, or from where the text of an answer
    /// begins, the framing left as it was.
    private void spoil(ByteBuf bytes) {
      int text = bytes.toString(StandardCharsets.ISO_8859_1).indexOf("choices");
      int from = text < 0 || random.nextBoolean() ? 0 : text;
      int to = from == 0 ? bytes.readableBytes() : text + "choices".length();
      for (int i = from; i < to; i++) {
        bytes.setByte(bytes.readerIndex() + i, NEVER_TEXT + random.nextInt(0x100 - NEVER_TEXT));
      }
      var _ = gateway.writeAndFlush(bytes);
    }

    private void late(ByteBuf bytes) {
      long now = System.nanoTime();
      int millis = mode == Mode.SLOW ? random.nextInt(LEAST_DELAY_MILLIS, MOST_DELAY_MILLIS) : 0;
      long delay = TimeUnit.MILLISECONDS.toNanos(millis);
      lastAtNanos = Math.max(now + delay, lastAtNanos);
      late.add(bytes);
      var _ = loop.schedule((Runnable) this::sendNext, lastAtNanos - now, TimeUnit.NANOSECONDS);
    }

    /// The timers may come in another order than the pieces.
    private void sendNext() {
      var _ = gateway.writeAndFlush(late.remove());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (!broken) {
        long wait = Math.max(0, lastAtNanos - System.nanoTime()) + END_NANOS;
        var _ = loop.schedule(() -> closeAfterWriting(gateway), wait, TimeUnit.NANOSECONDS);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close();
      reset(gateway);
    }
  }

  @Override
  public void close() {
    var _ = server.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
  }
}
