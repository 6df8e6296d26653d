// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// A token bucket that is one number: when all that was taken has flowed back. It holds a minute's
/// worth, so that it fills within a minute whatever the rate is, and a rate that changes leaves it
/// as full as it was. (The generic cell rate algorithm, ITU-T I.371, with a tolerance of one
/// period.) Shared by all event loops without blocking.
final class TokenBucket {
  static final long PERIOD_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final AtomicLong fullAtNanos;

  TokenBucket(long nowNanos) {
    this.fullAtNanos = new AtomicLong(nowNanos);
  }

  /// What an amount costs at a rate.
  ///
  /// @param perMinute above 0
  static long cost(long amount, long perMinute) {
    return (long) ((double) amount / perMinute * PERIOD_NANOS);
  }

  /// Takes what costs so many nanoseconds of inflow. Who costs more than the bucket holds may have
  /// it whole and leaves a debt.
  ///
  /// @return 0 when it was taken, else after how many nanoseconds it could be
  long take(long nowNanos, long costNanos) {
    long most = PERIOD_NANOS - Math.min(costNanos, PERIOD_NANOS);
    while (true) {
      long fullAt = fullAtNanos.get();
      long missing = Math.max(0, fullAt - nowNanos);
      if (missing > most) {
        return missing - most;
      }
      if (fullAtNanos.compareAndSet(fullAt, nowNanos + missing + costNanos)) {
        return 0;
      }
    }
  }

  /// Gives back (below 0) or takes without asking (above 0).
  void correct(long costNanos) {
    fullAtNanos.addAndGet(costNanos);
  }

  /// Until it is full; more than a period when it is in debt.
  long missingNanos(long nowNanos) {
    return Math.max(0, fullAtNanos.get() - nowNanos);
  }
}
