// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import dev.weir.simulator.trace.PlannedRequest;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Plays a plan in an open loop: sends each request at its planned time regardless of answers, and
/// measures all times from the planned time, so that a slow server cannot slow down its clients.
///
/// One event loop thread does all the work; any thread may use the handle.
public final class TracePlayer implements PlayerHandle {
  private static final int DIGEST_REQUESTS = 1_000;
  private static final long STOP_SLACK_SECONDS = 10;

  private final PlayerOptions options;
  private final EventLoopGroup group;
  private final EventLoop loop;
  private final LongSupplier nanoTime;
  private final Connections connections;
  private final ResultCounter tally;
  private final Iterator<PlannedRequest> plan;
  private final String digest;
  private final long startNanos;
  private final Map<Exchange, Future<?>> inFlight = new LinkedHashMap<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private boolean stopping;
  private volatile @Nullable PlayerReport last;

  private TracePlayer(PlayerOptions options, LongSupplier nanoTime) {
    this.options = options;
    this.nanoTime = nanoTime;
    this.plan = options.plan().requests();
    this.digest = options.plan().digest(DIGEST_REQUESTS);
    this.tally = new ResultCounter(options.faulty());
    Optional<SslContext> tls = PlayerTls.of(options);
    boolean epoll = Epoll.isAvailable();
    this.group =
        new MultiThreadIoEventLoopGroup(
            1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    this.loop = group.next();
    Class<? extends Channel> kind = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    String model = JsonMapper.shared().writeValueAsString(options.model());
    this.connections = new Connections(loop, kind, model, options, tls, nanoTime);
    this.startNanos = nanoTime.getAsLong();
  }

  /// Starts to play immediately.
  ///
  /// @throws IllegalArgumentException when the trace or the CA file is unreadable
  public static PlayerHandle start(PlayerOptions options) {
    TracePlayer player = new TracePlayer(options, System::nanoTime);
    player.loop.execute(player::playNext);
    return player;
  }

  /// Schedules the next planned request.
  private void playNext() {
    if (stopping || !plan.hasNext()) {
      stopping = true;
      endIfDone();
      return;
    }
    PlannedRequest next = plan.next();
    long delay = startNanos + next.atNanos() - nanoTime.getAsLong();
    Runnable play =
        () -> {
          play(next);
          playNext();
        };
    if (delay <= 0) {
      loop.execute(play);
    } else {
      var _ = loop.schedule(play, delay, TimeUnit.NANOSECONDS);
    }
  }

  private void play(PlannedRequest planned) {
    if (stopping) {
      return;
    }
    long due = startNanos + planned.atNanos();
    tally.planned(Math.max(0, nanoTime.getAsLong() - due));
    String id = options.requestPrefix() + "-" + planned.index();
    if (inFlight.size() >= options.maxInFlight()) {
      tally.dropped(id, planned.atNanos() / 1e9);
      return;
    }
    Exchange exchange =
        new Exchange(
            PlayerRequest.of(planned),
            id,
            due,
            nanoTime,
            options.check(),
            options::versionNamed,
            this::ended);
    Future<?> timeout =
        loop.schedule(
            () -> connections.giveUp(exchange, "timeout"),
            options.requestTimeout().toNanos(),
            TimeUnit.NANOSECONDS);
    inFlight.put(exchange, timeout);
    connections.send(exchange);
  }

  private void ended(Exchange exchange, AnswerVerdict verdict) {
    Future<?> timeout = inFlight.remove(exchange);
    if (timeout != null) {
      timeout.cancel(false);
    }
    tally.judged(exchange, verdict);
    endIfDone();
  }

  private void endIfDone() {
    if (stopping && inFlight.isEmpty()) {
      ended.countDown();
    }
  }

  @Override
  public PlayerReport snapshot() {
    return Optional.ofNullable(last).orElseGet(() -> onLoop(this::report));
  }

  private PlayerReport report() {
    return new PlayerReport(
        options.plan().trace().title(),
        options.plan().seed(),
        digest,
        (nanoTime.getAsLong() - startNanos) / 1e9,
        tally.requests(inFlight.size()),
        tally.versions(),
        tally.reasons(),
        tally.examples(),
        tally.sendLagMillis());
  }

  @Override
  public void markFaulty(String version) {
    onLoop(() -> {
      tally.markFaulty(PlayerOptions.bare(version));
      return version;
    });
  }

  private <T> T onLoop(Callable<T> action) {
    return loop.submit(action).syncUninterruptibly().getNow();
  }

  @Override
  public boolean awaitEnd(Duration timeout) throws InterruptedException {
    return ended.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public synchronized PlayerReport stop() {
    PlayerReport known = last;
    if (known != null) {
      return known;
    }
    loop.execute(this::beginStop);
    awaitDrained();
    PlayerReport report = onLoop(this::report);
    last = report;
    group
        .shutdownGracefully(0, STOP_SLACK_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(STOP_SLACK_SECONDS, TimeUnit.SECONDS);
    return report;
  }

  private void beginStop() {
    stopping = true;
    endIfDone();
    var _ =
        loop.schedule(
            () ->
                List.copyOf(inFlight.keySet())
                    .forEach(exchange -> connections.giveUp(exchange, "unanswered at the end")),
            options.drainTimeout().toNanos(),
            TimeUnit.NANOSECONDS);
  }

  private void awaitDrained() {
    try {
      var _ = awaitEnd(options.drainTimeout().plusSeconds(STOP_SLACK_SECONDS));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
