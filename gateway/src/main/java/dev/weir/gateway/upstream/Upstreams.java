// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import dev.weir.gateway.exchange.AttemptControl;
import dev.weir.gateway.exchange.AttemptListener;
import dev.weir.gateway.exchange.ReplicaKey;
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
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The connections of one event loop to all replicas. Live state: it survives snapshot swaps, and a
/// replica that left the snapshot keeps its running attempts while its idle connections are closed.
/// Event loop only.
public final class Upstreams {
  private static final int MAX_IDLE = 256;
  private static final int MAX_HEADER_BYTES = 64 * 1024;
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final EventLoop loop;
  private final Bootstrap bootstrap;
  private final Addresses addresses;
  private final LongSupplier nanoTime;
  private final Map<ReplicaKey, Replica> replicas = new HashMap<>();
  private @Nullable SslContext tls;

  private record Replica(Endpoint endpoint, Pool pool) {}

  /// @param channelType a socket channel that the loop can serve
  public Upstreams(
      EventLoop loop,
      Class<? extends SocketChannel> channelType,
      Addresses addresses,
      LongSupplier nanoTime) {
    this.loop = loop;
    this.addresses = addresses;
    this.nanoTime = nanoTime;
    this.bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(channelType)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true);
  }

  /// Starts one attempt; the listener hears how it goes.
  ///
  /// @param request makes the request, for a base path and an authority; called once or, when a
  ///   pooled connection proved dead, twice
  public AttemptControl open(
      ReplicaKey key, RequestMaker request, Deadlines deadlines, AttemptListener listener) {
    Supplier<FullHttpRequest> make =
        () -> {
          Endpoint endpoint = replica(key).endpoint();
          return request.make(endpoint.basePath(), endpoint.authority());
        };
    Attempt attempt = new Attempt(this, key, make, deadlines, listener, loop, nanoTime);
    try {
      Connection idle = replica(key).pool().take();
      if (idle == null) {
        connect(attempt, key);
      } else {
        attempt.connected(idle);
      }
    } catch (IllegalArgumentException e) {
      attempt.connectFailed("its URL cannot be used");
    }
    return attempt;
  }

  /// Asks a replica whether it lives, over a connection of its own. Any answer will do, and so will
  /// a refusal: only silence tells.
  ///
  /// @param silent called at most once, when nothing came in time
  void probe(ReplicaKey key, Deadlines deadlines, Runnable silent) {
    Supplier<FullHttpRequest> ask =
        () -> {
          Endpoint endpoint = replica(key).endpoint();
          HttpHeaders headers = new DefaultHttpHeaders();
          headers.set(HttpHeaderNames.HOST, endpoint.authority());
          return new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1,
              HttpMethod.GET,
              endpoint.basePath() + "/health",
              Unpooled.EMPTY_BUFFER,
              headers,
              EmptyHttpHeaders.INSTANCE);
        };
    connect(new Attempt(this, key, ask, deadlines, new LifeSign(silent), loop, nanoTime), key);
  }

  private Replica replica(ReplicaKey key) {
    return replicas.computeIfAbsent(key, this::newReplica);
  }

  /// Makes the request for one endpoint.
  @FunctionalInterface
  public interface RequestMaker {
    FullHttpRequest make(String basePath, String authority);
  }

  private Replica newReplica(ReplicaKey key) {
    return new Replica(Endpoint.of(key.url()), new Pool(MAX_IDLE, nanoTime));
  }

  /// Opens a fresh connection for an attempt.
  void connect(Attempt attempt, ReplicaKey key) {
    Replica replica = replica(key);
    attempt.connecting();
    var _ =
        addresses
            .resolve(replica.endpoint(), loop)
            .addListener((io.netty.util.concurrent.Future<InetSocketAddress> resolved) -> {
              if (resolved.isSuccess()) {
                connect(attempt, replica, resolved.getNow());
              } else {
                attempt.connectFailed("its host name cannot be resolved");
              }
            });
  }

  private void connect(Attempt attempt, Replica replica, InetSocketAddress address) {
    var _ =
        bootstrap
            .clone()
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, attempt.connectMillis())
            .handler(new Initializer(replica))
            .connect(address)
            .addListener((io.netty.channel.ChannelFuture done) -> {
              if (!done.isSuccess()) {
                attempt.connectFailed("connection refused or unreachable");
                return;
              }
              attempt.connected(done.channel().pipeline().get(Connection.class));
            });
  }

  private final class Initializer extends ChannelInitializer<Channel> {
    private final Replica replica;

    Initializer(Replica replica) {
      this.replica = replica;
    }

    @Override
    protected void initChannel(Channel channel) throws SSLException {
      Endpoint endpoint = replica.endpoint();
      if (endpoint.tls()) {
        channel
            .pipeline()
            .addLast(tls().newHandler(channel.alloc(), endpoint.host(), endpoint.port()));
      }
      HttpDecoderConfig config =
          new HttpDecoderConfig()
              .setMaxInitialLineLength(8 * 1024)
              .setMaxHeaderSize(MAX_HEADER_BYTES)
              .setMaxChunkSize(64 * 1024);
      channel.pipeline().addLast(new HttpClientCodec(config, true, false));
      channel.pipeline().addLast(new Connection(channel, replica.pool()));
    }
  }

  private SslContext tls() throws SSLException {
    SslContext made = tls;
    if (made == null) {
      made = SslContextBuilder.forClient().endpointIdentificationAlgorithm("HTTPS").build();
      tls = made;
    }
    return made;
  }

  /// Closes idle connections that are too old or whose replica left; call it every second or so.
  ///
  /// @param present whether a replica is in the picture that is served now
  public void sweep(Predicate<ReplicaKey> present) {
    long now = nanoTime.getAsLong();
    Iterator<Map.Entry<ReplicaKey, Replica>> all = replicas.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<ReplicaKey, Replica> entry = all.next();
      boolean stays = present.test(entry.getKey());
      if (stays) {
        entry.getValue().pool().closeIdleSince(now - IDLE_NANOS);
      } else {
        entry.getValue().pool().close();
        all.remove();
      }
    }
  }
}
