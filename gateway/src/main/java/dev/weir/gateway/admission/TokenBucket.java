// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// A token bucket stored as one number: the time at which it is full again. It holds one minute's
/// worth, so it fills within a minute at any rate, and a rate change keeps its fill level. (The
/// generic cell rate algorithm, ITU-T I.371, with a tolerance of one period.) Shared by all event
/// loops without blocking.
final class TokenBucket {
  static final long PERIOD_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final AtomicLong fullAtNanos;

  TokenBucket(long nowNanos) {
    this.fullAtNanos = new AtomicLong(nowNanos);
  }

  /// The cost of an amount at a rate, in nanoseconds of refill.
  ///
  /// @param perMinute above 0
  static long cost(long amount, long perMinute) {
    return (long) ((double) amount / perMinute * PERIOD_NANOS);
  }

  /// Takes an amount, given as nanoseconds of refill. An amount above the bucket's size is taken
  /// from a full bucket and leaves a debt.
  ///
  /// @return 0 if it was taken, otherwise the nanoseconds until it can be
  long take(long nowNanos, long costNanos) {
    long maxMissing = PERIOD_NANOS - Math.min(costNanos, PERIOD_NANOS);
    while (true) {
      long fullAt = fullAtNanos.get();
      long missing = Math.max(0, fullAt - nowNanos);
      if (missing > maxMissing) {
        return missing - maxMissing;
      }
      if (fullAtNanos.compareAndSet(fullAt, nowNanos + missing + costNanos)) {
        return 0;
      }
    }
  }

  /// Refunds (below 0) or charges unconditionally (above 0).
  void correct(long costNanos) {
    fullAtNanos.addAndGet(costNanos);
  }

  /// Nanoseconds until it is full; more than a period while it is in debt.
  long missingNanos(long nowNanos) {
    return Math.max(0, fullAtNanos.get() - nowNanos);
  }
}
