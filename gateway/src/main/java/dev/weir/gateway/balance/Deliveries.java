// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import java.util.concurrent.atomic.AtomicLong;

/// Tracks which requests a replica has begun to answer. An engine starts requests in order of
/// arrival. Shared by all event loops without blocking.
final class Deliveries {
  private final AtomicLong latestStartNanos;
  private volatile long lastNanos;

  Deliveries(long nowNanos) {
    this.latestStartNanos = new AtomicLong(nowNanos);
    this.lastNanos = nowNanos;
  }

  /// A first byte arrived.
  ///
  /// @param startNanos when its request was sent
  void delivered(long startNanos, long nowNanos) {
    lastNanos = nowNanos;
    latestStartNanos.accumulateAndGet(startNanos, (a, b) -> a - b > 0 ? a : b);
  }

  /// Whether recent first bytes belong only to requests sent before this one.
  ///
  /// @param startNanos when this request was sent
  /// @param sinceNanos first bytes before this time are not recent
  boolean onlyEarlier(long startNanos, long sinceNanos) {
    return lastNanos - startNanos > 0
        && lastNanos - sinceNanos > 0
        && latestStartNanos.get() - startNanos <= 0;
  }
}
