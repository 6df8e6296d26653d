// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Callers that each keep one connection and ask one question after the other until they are
/// stopped, together no faster than a given rate. Everything runs on one event loop.
public final class Load {
  private static final int CONNECT_MILLIS = 5_000;
  private static final long AGAIN_MILLIS = 50;

  private final EventLoop loop;
  private final Terms terms;
  private final Tally tally = new Tally();
  private final CountDownLatch over = new CountDownLatch(1);
  private final Bootstrap bootstrap;
  private final long gapNanos;
  private long next;
  private long nextAtNanos = System.nanoTime();
  private int busy;
  private boolean stopping;
  private volatile long finished;

  /// @param gateway `http://host:port`
  /// @param first number of the first question; same seed and numbers, same questions
  /// @param rate questions a second at most, 0 for as many as come
  /// @param deadlineMillis after which a question without a whole answer is given up as wrong
  public record Terms(
      URI gateway,
      String key,
      String model,
      long seed,
      long first,
      int callers,
      double rate,
      long deadlineMillis) {}

  private Load(EventLoop loop, Terms terms) {
    this.loop = loop;
    this.terms = terms;
    this.next = terms.first();
    this.gapNanos = terms.rate() > 0 ? (long) (1e9 / terms.rate()) : 0;
    this.bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .remoteAddress(terms.gateway().getHost(), terms.gateway().getPort());
  }

  public static Load start(EventLoop loop, Terms terms) {
    Load load = new Load(loop, terms);
    loop.execute(() -> {
      load.busy = terms.callers();
      for (int i = 0; i < terms.callers(); i++) {
        load.new Caller().turn();
      }
    });
    return load;
  }

  /// The Service that the requests go to.
  public String service() {
    return terms.model();
  }

  /// Questions that have their verdict.
  public long finished() {
    return finished;
  }

  /// No caller asks again; waits for the answers under way.
  public Tally stop() throws InterruptedException {
    loop.execute(() -> stopping = true);
    if (!over.await(terms.deadlineMillis() + CONNECT_MILLIS, TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("a caller has neither an answer nor given up");
    }
    return tally;
  }

  /// A client that sends one request after another.
  private final class Caller {
    private @Nullable Channel channel;

    /// At the moment that the rate allows.
    void turn() {
      long now = System.nanoTime();
      long at = Math.max(now, nextAtNanos);
      nextAtNanos = at + gapNanos;
      if (at - now <= 0) {
        askNow();
      } else {
        var _ = loop.schedule(this::askNow, at - now, TimeUnit.NANOSECONDS);
      }
    }

    private void askNow() {
      Channel open = channel;
      if (stopping) {
        leave();
      } else if (open != null && open.isActive()) {
        ask(open);
      } else {
        connect();
      }
    }

    private void leave() {
      if (channel != null) {
        var _ = channel.close();
      }
      if (--busy == 0) {
        over.countDown();
      }
    }

    private void connect() {
      ChannelFuture connecting =
          bootstrap
              .clone()
              .handler(
                  new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel made) {
                      made.pipeline().addLast(new HttpClientCodec(), new Ear());
                    }
                  })
              .connect();
      var _ =
          connecting.addListener(_ -> {
            if (connecting.isSuccess()) {
              channel = connecting.channel();
              ask(connecting.channel());
            } else {
              Question question = Question.of(terms.seed(), next++);
              record(question, new ClientVerdict.Wrong("the gateway refuses connections"), 0);
              var _ = loop.schedule(this::turn, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
          });
    }

    private void ask(Channel open) {
      Question question = Question.of(terms.seed(), next++);
      open.pipeline().get(Ear.class).listen(this, question, open);
      var _ = open.writeAndFlush(request(question, open));
    }

    private FullHttpRequest request(Question question, Channel open) {
      ByteBuf body = ByteBufUtil.writeUtf8(open.alloc(), question.body(terms.model()));
      FullHttpRequest request =
          new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, question.path(), body);
      request.headers().set("host", terms.gateway().getAuthority());
      request.headers().set("content-type", "application/json");
      request.headers().set("te", "trailers");
      request.headers().set("authorization", "Bearer " + terms.key());
      request.headers().setInt("content-length", body.readableBytes());
      return request;
    }
  }

  private void record(Question question, ClientVerdict verdict, long micros) {
    tally.add(question, verdict, micros);
    finished = tally.requests();
  }

  /// Hears the answers on one connection.
  private final class Ear extends SimpleChannelInboundHandler<HttpObject> {
    private @Nullable Hearing hearing;

    private record Hearing(
        Caller caller, Question question, Inspector inspector, long sinceNanos, Future<?> giveUp) {}

    void listen(Caller caller, Question question, Channel channel) {
      Future<?> giveUp =
          loop.schedule(
              () -> end(channel, "no end within its deadline"),
              terms.deadlineMillis(),
              TimeUnit.MILLISECONDS);
      hearing = new Hearing(caller, question, new Inspector(question), System.nanoTime(), giveUp);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
      Hearing now = hearing;
      if (now == null || message.decoderResult().isFailure()) {
        end(context.channel(), "malformed HTTP");
        return;
      }
      if (message instanceof HttpResponse response) {
        now.inspector().head(response.status().code(), response.headers());
        if (!HttpUtil.isKeepAlive(response)) {
          now.caller().channel = null;
        }
      }
      if (message instanceof HttpContent content) {
        now.inspector().body(content.content());
      }
      if (message instanceof LastHttpContent last) {
        now.inspector().trailers(last.trailingHeaders());
        end(now, now.inspector().end());
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      end(context.channel(), "the connection closed");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      end(context.channel(), "the connection broke: " + cause);
    }

    private void end(Channel channel, String how) {
      var _ = channel.close();
      Hearing now = hearing;
      if (now != null) {
        now.caller().channel = null;
        end(now, now.inspector().broken(how));
      }
    }

    private void end(Hearing heard, ClientVerdict verdict) {
      hearing = null;
      heard.giveUp().cancel(false);
      long micros = (System.nanoTime() - heard.sinceNanos()) / 1_000;
      record(heard.question(), verdict, micros);
      heard.caller().turn();
    }
  }
}
