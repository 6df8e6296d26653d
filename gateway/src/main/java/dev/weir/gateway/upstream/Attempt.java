// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import dev.weir.gateway.exchange.AttemptControl;
import dev.weir.gateway.exchange.AttemptListener;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.ReplicaKey;
import dev.weir.gateway.exchange.load.LoopLag;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One attempt at one replica, from acquiring a connection to the last byte or the failure.
///
/// A replica may close a pooled connection just when it is reused. That implies nothing about the
/// replica's health, so the attempt is moved to a new connection to the same replica, once, and
/// only if the close came immediately and before any byte of an answer.
///
/// One timer serves all deadlines: it is set to the nearest one, and set again if it fires early
/// because of progress. So tokens cost no timer work.
final class Attempt implements AttemptControl {
  private static final long STALE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private enum Phase {
    CONNECTING,
    WAITING,
    STREAMING,
    OVER
  }

  private final Upstreams upstreams;
  private final ReplicaKey key;
  private final UpstreamAuth auth;
  private final Supplier<FullHttpRequest> request;
  private final Deadlines deadlines;
  private final AttemptListener listener;
  private final EventLoop loop;
  private final LongSupplier nanoTime;
  private final LoopLag lag;
  private final long startNanos;

  private Optional<String> token = Optional.empty();
  private Optional<SslContext> tls = Optional.empty();
  private Phase phase = Phase.CONNECTING;
  private long phaseNanos;
  private boolean headSeen;
  private boolean written;
  private boolean movedOnce;
  private boolean paused;
  private boolean wasPaused;
  private long probeAtNanos;
  private @Nullable UpstreamConnection connection;
  private @Nullable ScheduledFuture<?> timer;
  private long timerAtNanos = Long.MAX_VALUE;

  Attempt(
      Upstreams upstreams,
      ReplicaKey key,
      UpstreamAuth auth,
      Supplier<FullHttpRequest> request,
      Deadlines deadlines,
      AttemptListener listener,
      EventLoop loop,
      LongSupplier nanoTime,
      LoopLag lag) {
    this.upstreams = upstreams;
    this.key = key;
    this.auth = auth;
    this.request = request;
    this.deadlines = deadlines;
    this.listener = listener;
    this.loop = loop;
    this.nanoTime = nanoTime;
    this.lag = lag;
    this.startNanos = nanoTime.getAsLong();
    this.phaseNanos = startNanos;
    this.probeAtNanos = startNanos + deadlines.livenessCheckNanos();
  }

  // --- connecting

  void connecting() {
    enter(Phase.CONNECTING);
  }

  /// Sets the credentials for the call.
  void setCredentials(UpstreamCredentials.Entry.Granted found) {
    token = found.token();
    tls = found.tls();
  }

  /// TLS context for a separate connection.
  Optional<SslContext> tls() {
    return tls;
  }

  boolean isEnded() {
    return phase == Phase.OVER;
  }

  private FullHttpRequest request() {
    FullHttpRequest created = request.get();
    token.ifPresent(secret -> created.headers().set("authorization", "Bearer " + secret));
    return created;
  }

  /// The kernel gives up shortly after the attempt's own deadline.
  int connectMillis() {
    return (int) Math.min(60_000, TimeUnit.NANOSECONDS.toMillis(deadlines.connectNanos()) + 100);
  }

  /// Injects a delay: no request is sent yet, and the first-token deadline runs.
  void injectDelay() {
    enter(Phase.WAITING);
  }

  /// Injects a cut.
  void injectCut(Failure failure) {
    isEnded(failure);
  }

  /// Injects a stall: closes the connection, and nothing more arrives.
  void injectStall() {
    closeConnection();
    connection = null;
  }

  void connectFailed(String why) {
    if (phase != Phase.OVER) {
      isEnded(new Failure(Failure.Kind.CONNECT_FAILED, "a replica could not be reached: " + why));
    }
  }

  void connected(UpstreamConnection opened) {
    if (phase == Phase.OVER) {
      var _ = opened.channel.close();
      return;
    }
    connection = opened;
    if (tooLate()) {
      return;
    }
    written = false;
    opened.start(this);
    enter(Phase.WAITING);
    var _ =
        opened
            .channel
            .writeAndFlush(request())
            .addListener(
                (ChannelFutureListener)
                    done -> {
                      if (done.isSuccess()) {
                        written = true;
                      } else {
                        var _ = done.channel().close();
                      }
                    });
  }

  // --- connection events

  boolean requestWritten() {
    return written;
  }

  void head(int status, HttpHeaders headers) {
    headSeen = true;
    if (phase != Phase.OVER && !tooLate()) {
      listener.head(status, headers);
    }
  }

  void body(ByteBuf bytes) {
    if (phase == Phase.OVER || tooLate()) {
      bytes.release();
      return;
    }
    if (!deadlines.streamed()) {
      progress();
    }
    listener.body(bytes);
  }

  void readComplete() {
    listener.readComplete();
  }

  void complete() {
    if (phase != Phase.OVER && !tooLate()) {
      finish();
      listener.complete();
    }
  }

  void badAnswer() {
    if (phase != Phase.OVER) {
      isEnded(new Failure(Failure.Kind.BAD_ANSWER, "a replica did not respond with valid HTTP"));
    }
  }

  void closed() {
    UpstreamConnection lost = connection;
    if (phase == Phase.OVER || lost == null) {
      return;
    }
    boolean stale = lost.used() && !headSeen && !movedOnce && since(phaseNanos) < STALE_NANOS;
    if (stale) {
      movedOnce = true;
      connection = null;
      upstreams.connect(this, key, auth);
    } else if (headSeen) {
      isEnded(new Failure(Failure.Kind.CUT, "a replica's answer stopped midway"));
    } else {
      isEnded(new Failure(Failure.Kind.RESET, "a replica closed the connection without an answer"));
    }
  }

  // --- calls of the relay

  @Override
  public void progress() {
    if (phase == Phase.WAITING) {
      enter(Phase.STREAMING);
    } else {
      phaseNanos = nanoTime.getAsLong();
    }
  }

  @Override
  public void pause() {
    setAutoRead(false);
    paused = true;
    wasPaused = true;
  }

  @Override
  public void resume() {
    paused = false;
    phaseNanos = nanoTime.getAsLong();
    setAutoRead(true);
  }

  private void setAutoRead(boolean on) {
    UpstreamConnection open = connection;
    if (open != null && phase != Phase.OVER) {
      open.channel.config().setAutoRead(on);
    }
  }

  @Override
  public void cancel() {
    if (phase != Phase.OVER) {
      finish();
      closeConnection();
    }
  }

  // --- deadlines

  private void enter(Phase next) {
    phase = next;
    phaseNanos = nanoTime.getAsLong();
    arm(nextDeadline());
  }

  private long nextDeadline() {
    long phaseAt =
        switch (phase) {
          case CONNECTING -> phaseNanos + deadlines.connectNanos();
          case WAITING ->
              deadlines.streamed() ? startNanos + deadlines.firstTokenNanos() : probeAtNanos;
          case STREAMING -> paused ? Long.MAX_VALUE : phaseNanos + deadlines.stallNanos();
          case OVER -> Long.MAX_VALUE;
        };
    return Math.min(phaseAt, deadlines.totalAtNanos());
  }

  private void arm(long atNanos) {
    if (timer != null && timerAtNanos <= atNanos) {
      return;
    }
    disarm();
    timerAtNanos = atNanos;
    long delay = Math.max(0, atNanos - nanoTime.getAsLong());
    timer = loop.schedule(this::timerFired, delay, TimeUnit.NANOSECONDS);
  }

  private void disarm() {
    ScheduledFuture<?> armed = timer;
    timer = null;
    timerAtNanos = Long.MAX_VALUE;
    if (armed != null) {
      armed.cancel(false);
    }
  }

  private void timerFired() {
    timer = null;
    timerAtNanos = Long.MAX_VALUE;
    long now = nanoTime.getAsLong();
    if (phase == Phase.OVER) {
      return;
    }
    if (now - deadlines.totalAtNanos() >= 0) {
      isEnded(totalPassed());
    } else if (now - nextDeadline() < 0) {
      arm(nextDeadline());
    } else if (phase == Phase.WAITING && !deadlines.streamed()) {
      probeLiveness(now);
    } else {
      isEnded(phasePassed());
    }
  }

  /// A non-streamed answer may take as long as the total timeout allows, but a dead replica must be
  /// detected: over a pooled connection a vanished host or a hung process looks like a busy one.
  private void probeLiveness(long now) {
    probeAtNanos = now + deadlines.livenessCheckNanos();
    upstreams.probe(key, auth, tls, deadlines.ofProbe(now), this::silent);
    arm(nextDeadline());
  }

  private void silent() {
    if (phase == Phase.WAITING) {
      isEnded(
          new Failure(
              Failure.Kind.FIRST_TOKEN_TIMEOUT,
              "a replica neither answered nor passed a liveness check in time"));
    }
  }

  /// Whether a deadline has passed although its timer has not fired yet, because the timer waits
  /// for the same event loop. If the loop is so late that the bytes may have arrived in time, the
  /// replica is not charged.
  private boolean tooLate() {
    long now = nanoTime.getAsLong();
    boolean total = now - deadlines.totalAtNanos() >= 0;
    boolean waiting = phase == Phase.WAITING && deadlines.streamed();
    if (!total && !(waiting && now - nextDeadline() >= 0)) {
      return false;
    }
    long deadline = total ? deadlines.totalAtNanos() : nextDeadline();
    boolean mayBeInTime = lag.arrivedNanos(startNanos) - deadline < 0;
    isEnded(mayBeInTime ? readTooLate() : total ? totalPassed() : phasePassed());
    return true;
  }

  private static Failure readTooLate() {
    return new Failure(
        Failure.Kind.DEADLINE_PASSED,
        "this gateway is short of CPU and read the answer after its deadline");
  }

  private Failure totalPassed() {
    if (wasPaused && paused) {
      return new Failure(Failure.Kind.CLIENT_SLOW, "the client did not read its answer in time");
    }
    return new Failure(deadlines.totalKind(), "the request took longer than its total timeout");
  }

  private Failure phasePassed() {
    return switch (phase) {
      case CONNECTING ->
          new Failure(
              Failure.Kind.CONNECT_TIMEOUT, "a replica did not accept a connection in time");
      case WAITING ->
          new Failure(Failure.Kind.FIRST_TOKEN_TIMEOUT, "no first token arrived in time");
      case STREAMING, OVER -> new Failure(Failure.Kind.STALLED, "the answer stalled midway");
    };
  }

  // --- the end

  private void isEnded(Failure failure) {
    finish();
    closeConnection();
    listener.broke(failure);
  }

  private void finish() {
    phase = Phase.OVER;
    disarm();
  }

  private void closeConnection() {
    UpstreamConnection open = connection;
    if (open != null) {
      open.abandon();
    }
  }

  private long since(long nanos) {
    return nanoTime.getAsLong() - nanos;
  }
}
