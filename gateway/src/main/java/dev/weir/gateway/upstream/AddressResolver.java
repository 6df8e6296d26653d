// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Resolves host names without blocking an event loop: literal addresses immediately, names on a
/// virtual thread, cached for ten seconds. Shared by all loops.
public final class AddressResolver {
  private static final long CACHE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int MAX_NAMES = 4096;

  private final LongSupplier nanoTime;
  private final Map<String, CachedAddress> cache = new ConcurrentHashMap<>();

  private record CachedAddress(InetAddress address, long atNanos) {}

  public AddressResolver(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// Resolves the address of an endpoint; completes on the given loop.
  Future<InetSocketAddress> resolve(UpstreamEndpoint endpoint, EventLoop loop) {
    byte @Nullable [] literal = NetUtil.createByteArrayFromIpAddressString(endpoint.host());
    if (literal != null) {
      return loop.newSucceededFuture(address(endpoint, literal));
    }
    CachedAddress cached = cache.get(endpoint.host());
    if (cached != null && nanoTime.getAsLong() - cached.atNanos() < CACHE_NANOS) {
      return loop.newSucceededFuture(new InetSocketAddress(cached.address(), endpoint.port()));
    }
    Promise<InetSocketAddress> promise = loop.newPromise();
    Thread.ofVirtual().name("resolve").start(() -> lookUp(endpoint, promise));
    return promise;
  }

  private static InetSocketAddress address(UpstreamEndpoint endpoint, byte[] literal) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(literal), endpoint.port());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of illegal length: " + endpoint.host(), e);
    }
  }

  private void lookUp(UpstreamEndpoint endpoint, Promise<InetSocketAddress> promise) {
    try {
      InetAddress address = InetAddress.getByName(endpoint.host());
      if (cache.size() >= MAX_NAMES) {
        cache.clear();
      }
      cache.put(endpoint.host(), new CachedAddress(address, nanoTime.getAsLong()));
      promise.setSuccess(new InetSocketAddress(address, endpoint.port()));
    } catch (UnknownHostException | RuntimeException e) {
      promise.setFailure(e);
    }
  }
}
