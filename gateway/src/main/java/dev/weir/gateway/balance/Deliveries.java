// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import java.util.concurrent.atomic.AtomicLong;

/// Which requests a replica has begun to answer, as far as queueing is concerned. An engine begins
/// requests in the order in which they come. Shared by all event loops without blocking.
final class Deliveries {
  private final AtomicLong latestStartNanos;
  private volatile long lastNanos;

  Deliveries(long nowNanos) {
    this.latestStartNanos = new AtomicLong(nowNanos);
    this.lastNanos = nowNanos;
  }

  /// A first byte came.
  ///
  /// @param startNanos when its request was sent
  void delivered(long startNanos, long nowNanos) {
    lastNanos = nowNanos;
    latestStartNanos.accumulateAndGet(startNanos, (a, b) -> a - b > 0 ? a : b);
  }

  /// Whether first bytes came lately, but since a request was sent only of earlier ones.
  ///
  /// @param startNanos when the request was sent
  /// @param sinceNanos what came before that moment came long ago
  boolean onlyEarlier(long startNanos, long sinceNanos) {
    return lastNanos - startNanos > 0
        && lastNanos - sinceNanos > 0
        && latestStartNanos.get() - startNanos <= 0;
  }
}
