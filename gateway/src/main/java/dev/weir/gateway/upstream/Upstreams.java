// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import dev.weir.gateway.exchange.AttemptControl;
import dev.weir.gateway.exchange.AttemptListener;
import dev.weir.gateway.exchange.FaultInjection;
import dev.weir.gateway.exchange.ReplicaKey;
import dev.weir.gateway.exchange.load.LoopLag;
import dev.weir.snapshot.RoutingSnapshot.FaultEntry;
import dev.weir.snapshot.RoutingSnapshot.FaultKind;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connections of one event loop to all replicas. Survives snapshot swaps. A replica that left
/// the snapshot keeps its running attempts, while its idle connections are closed. Event loop only.
public final class Upstreams {
  private static final Logger LOG = LoggerFactory.getLogger(Upstreams.class);
  private static final int MAX_IDLE = 256;
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final EventLoop loop;
  private final Bootstrap bootstrap;
  private final AddressResolver addresses;
  private final UpstreamCredentials upstreamCredentials;
  private final BlockedAddresses forbidden;
  private final LongSupplier nanoTime;
  private final LoopLag lag;
  private final Map<ReplicaKey, Replica> replicas = new HashMap<>();
  private @Nullable SslContext tls;
  private long nextLogNanos;

  private record Replica(UpstreamEndpoint endpoint, UpstreamAuth auth, ConnectionPool pool) {
    /// The host name used for TLS and `Host`.
    String host() {
      return auth.serverName().isEmpty() ? endpoint.host() : auth.serverName();
    }

    String authority() {
      return auth.serverName().isEmpty()
          ? endpoint.authority()
          : auth.serverName() + ":" + endpoint.port();
    }
  }

  /// @param channelType a socket channel that the loop supports
  public Upstreams(
      EventLoop loop,
      Class<? extends SocketChannel> channelType,
      AddressResolver addresses,
      UpstreamCredentials upstreamCredentials,
      BlockedAddresses forbidden,
      LongSupplier nanoTime,
      LoopLag lag) {
    this.loop = loop;
    this.addresses = addresses;
    this.upstreamCredentials = upstreamCredentials;
    this.forbidden = forbidden;
    this.nanoTime = nanoTime;
    this.lag = lag;
    this.nextLogNanos = nanoTime.getAsLong();
    this.bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(channelType)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true);
  }

  /// Starts one attempt; the listener receives its events.
  ///
  /// @param auth authentication of the replica; its references are read first
  /// @param request creates the request for a base path and an authority; called again if a pooled
  ///   connection was stale
  /// @param injection a fault to inject as if it were the replica's
  public AttemptControl open(
      ReplicaKey key,
      UpstreamAuth auth,
      RequestFactory request,
      Deadlines deadlines,
      AttemptListener listener,
      Optional<FaultInjection> injection) {
    if (injection.isEmpty()) {
      Attempt attempt = attempt(key, auth, request, deadlines, listener);
      start(attempt, key, auth);
      return attempt;
    }
    return injected(injection.get(), key, auth, request, deadlines, listener);
  }

  private AttemptControl injected(
      FaultInjection injection,
      ReplicaKey key,
      UpstreamAuth auth,
      RequestFactory request,
      Deadlines deadlines,
      AttemptListener listener) {
    FaultEntry fault = injection.fault();
    if (fault.kind() == FaultKind.ERROR) {
      InjectedError error = new InjectedError(injection, listener);
      loop.execute(error::answer);
      return error;
    }
    FaultInjector faultInjector = new FaultInjector(injection, listener);
    Attempt attempt = attempt(key, auth, request, deadlines, faultInjector);
    faultInjector.attach(attempt);
    if (fault.kind() == FaultKind.DELAY) {
      injection.inject();
      attempt.injectDelay();
      var _ =
          loop.schedule(
              () -> start(attempt, key, auth), fault.delayMillis(), TimeUnit.MILLISECONDS);
    } else {
      start(attempt, key, auth);
    }
    return attempt;
  }

  private Attempt attempt(
      ReplicaKey key,
      UpstreamAuth auth,
      RequestFactory request,
      Deadlines deadlines,
      AttemptListener listener) {
    Supplier<FullHttpRequest> make =
        () -> {
          Replica replica = replica(key, auth);
          return request.make(replica.endpoint().basePath(), replica.authority());
        };
    return new Attempt(this, key, auth, make, deadlines, listener, loop, nanoTime, lag);
  }

  private void start(Attempt attempt, ReplicaKey key, UpstreamAuth auth) {
    if (attempt.isEnded()) {
      return;
    }
    try {
      Replica replica = replica(key, auth);
      if (auth.needsNoFiles()) {
        begin(attempt, replica);
      } else {
        attempt.connecting();
        var _ =
            upstreamCredentials
                .of(auth, loop)
                .addListener((io.netty.util.concurrent.Future<UpstreamCredentials.Entry> found) ->
                    begin(attempt, replica, found.getNow()));
      }
    } catch (IllegalArgumentException e) {
      attempt.connectFailed("its URL cannot be used");
    }
  }

  /// Probes the liveness of a replica over a separate connection. Any response counts, even a
  /// rejection: only silence means that it is dead.
  ///
  /// @param trust for a TLS connection, as resolved for the waiting attempt
  /// @param silent called at most once, if nothing arrived in time
  void probe(
      ReplicaKey key,
      UpstreamAuth auth,
      Optional<SslContext> trust,
      Deadlines deadlines,
      Runnable silent) {
    Supplier<FullHttpRequest> ask =
        () -> {
          Replica replica = replica(key, auth);
          HttpHeaders headers = new DefaultHttpHeaders();
          headers.set(HttpHeaderNames.HOST, replica.authority());
          return new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1,
              HttpMethod.GET,
              replica.endpoint().basePath() + "/health",
              Unpooled.EMPTY_BUFFER,
              headers,
              EmptyHttpHeaders.INSTANCE);
        };
    Attempt probe =
        new Attempt(this, key, auth, ask, deadlines, new LivenessWait(silent), loop, nanoTime, lag);
    probe.setCredentials(new UpstreamCredentials.Entry.Granted(Optional.empty(), trust));
    connect(probe, key, auth);
  }

  private void begin(Attempt attempt, Replica replica, UpstreamCredentials.Entry found) {
    switch (found) {
      case UpstreamCredentials.Entry.Missing(String what) ->
          attempt.connectFailed(what + " is not available on this gateway");
      case UpstreamCredentials.Entry.Granted granted -> {
        attempt.setCredentials(granted);
        begin(attempt, replica);
      }
    }
  }

  private void begin(Attempt attempt, Replica replica) {
    if (attempt.isEnded()) {
      return;
    }
    UpstreamConnection idle = replica.pool().take();
    if (idle == null) {
      connect(attempt, replica);
    } else {
      attempt.connected(idle);
    }
  }

  /// A replica whose authentication changed is not called over its old connections.
  private Replica replica(ReplicaKey key, UpstreamAuth auth) {
    Replica known = replicas.get(key);
    if (known != null && known.auth().equals(auth)) {
      return known;
    }
    Replica created =
        new Replica(UpstreamEndpoint.of(key.url()), auth, new ConnectionPool(MAX_IDLE, nanoTime));
    if (known != null) {
      known.pool().close();
    }
    replicas.put(key, created);
    return created;
  }

  /// Creates the request for one endpoint.
  @FunctionalInterface
  public interface RequestFactory {
    FullHttpRequest make(String basePath, String authority);
  }

  /// Opens a new connection for an attempt.
  void connect(Attempt attempt, ReplicaKey key, UpstreamAuth auth) {
    connect(attempt, replica(key, auth));
  }

  private void connect(Attempt attempt, Replica replica) {
    attempt.connecting();
    var _ =
        addresses
            .resolve(replica.endpoint(), loop)
            .addListener((io.netty.util.concurrent.Future<InetSocketAddress> resolved) -> {
              if (!resolved.isSuccess()) {
                attempt.connectFailed("its host name cannot be resolved");
              } else if (forbidden.isBlocked(resolved.getNow())) {
                attempt.connectFailed("its address is blocked");
              } else {
                connect(attempt, replica, resolved.getNow());
              }
            });
  }

  private void connect(Attempt attempt, Replica replica, InetSocketAddress address) {
    var _ =
        bootstrap
            .clone()
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, attempt.connectMillis())
            .handler(new Initializer(replica, attempt.tls(), attempt.connectMillis()))
            .connect(address)
            .addListener((io.netty.channel.ChannelFuture done) -> {
              if (!done.isSuccess()) {
                attempt.connectFailed("connection refused or unreachable");
                return;
              }
              opened(attempt, replica, done.channel());
            });
  }

  /// With TLS the attempt is connected after the handshake. Nothing is sent before, and a handshake
  /// failure counts as a connection failure.
  private void opened(Attempt attempt, Replica replica, Channel channel) {
    UpstreamConnection connection = channel.pipeline().get(UpstreamConnection.class);
    SslHandler secured = channel.pipeline().get(SslHandler.class);
    if (secured == null) {
      attempt.connected(connection);
      return;
    }
    var _ =
        secured
            .handshakeFuture()
            .addListener((io.netty.util.concurrent.Future<Channel> done) -> {
              if (done.isSuccess()) {
                attempt.connected(connection);
              } else if (!attempt.isEnded()) {
                HandshakeFailure.Refusal refusal = HandshakeFailure.refusal(done.cause());
                logTlsFailure(replica, refusal);
                attempt.connectFailed(refusal.why());
              }
            });
  }

  /// Logs at most one line a second: every request may fail with the same certificate.
  private void logTlsFailure(Replica replica, HandshakeFailure.Refusal refusal) {
    long now = nanoTime.getAsLong();
    if (now - nextLogNanos >= 0) {
      nextLogNanos = now + LOG_INTERVAL_NANOS;
      LOG.atWarn()
          .addKeyValue("event", "upstream.tls.refused")
          .addKeyValue("address", replica.endpoint().authority())
          .addKeyValue("host", replica.host())
          .addKeyValue("reason", refusal.why())
          .addKeyValue("cause", refusal.cause())
          .log("The certificate of a replica is refused");
    }
  }

  private final class Initializer extends ChannelInitializer<Channel> {
    private final Replica replica;
    private final Optional<SslContext> trust;
    private final int handshakeMillis;

    Initializer(Replica replica, Optional<SslContext> trust, int handshakeMillis) {
      this.replica = replica;
      this.trust = trust;
      this.handshakeMillis = handshakeMillis;
    }

    @Override
    protected void initChannel(Channel channel) throws SSLException {
      UpstreamEndpoint endpoint = replica.endpoint();
      if (endpoint.tls()) {
        SslContext context = trust.isPresent() ? trust.get() : tls();
        SslHandler secured = context.newHandler(channel.alloc(), replica.host(), endpoint.port());
        secured.setHandshakeTimeoutMillis(handshakeMillis);
        channel.pipeline().addLast(secured);
      }
      UpstreamConnection connection = new UpstreamConnection(channel, replica.pool());
      channel.pipeline().addLast(connection.start());
      channel.pipeline().addLast(connection.decoder());
      channel.pipeline().addLast(new HttpRequestEncoder());
      channel.pipeline().addLast(connection);
    }
  }

  private SslContext tls() throws SSLException {
    SslContext created = tls;
    if (created == null) {
      created = SslContextBuilder.forClient().endpointIdentificationAlgorithm("HTTPS").build();
      tls = created;
    }
    return created;
  }

  /// Closes idle connections that are too old or whose replica left; call it every second or so.
  ///
  /// @param present whether a replica is in the current snapshot
  public void sweep(Predicate<ReplicaKey> present) {
    long now = nanoTime.getAsLong();
    Iterator<Map.Entry<ReplicaKey, Replica>> all = replicas.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<ReplicaKey, Replica> entry = all.next();
      boolean inSnapshot = present.test(entry.getKey());
      if (inSnapshot) {
        entry.getValue().pool().closeIdleSince(now - IDLE_NANOS);
      } else {
        entry.getValue().pool().close();
        all.remove();
      }
    }
  }
}
