// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// The lease for canary traffic, which expires. A gateway starts without one, even with a snapshot
/// on disk: until the control plane responds, the version under test may have been rolled back.
///
/// The lease counts from when the acknowledged batch was *sent*, by the monotonic clock, so that it
/// never outlasts what the control plane granted, however long the response took.
public final class CanaryLease {
  private final LongSupplier nanoTime;
  private volatile Optional<Grant> grant = Optional.empty();

  public CanaryLease(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  private record Grant(long endNanos) {}

  /// Whether canary traffic is allowed now.
  public boolean runs() {
    return remainingNanos() > 0;
  }

  /// Remaining time; 0 without a lease.
  public long remainingMillis() {
    return TimeUnit.NANOSECONDS.toMillis(remainingNanos());
  }

  private long remainingNanos() {
    return grant.map(g -> Math.max(0, g.endNanos() - nanoTime.getAsLong())).orElse(0L);
  }

  /// Applies the control plane's response.
  ///
  /// @param sentNanos when the acknowledged batch was sent, by the same monotonic clock
  /// @param leaseMillis from then; 0 or less ends the lease now
  void renew(long sentNanos, long leaseMillis) {
    grant =
        leaseMillis <= 0
            ? Optional.empty()
            : Optional.of(new Grant(sentNanos + TimeUnit.MILLISECONDS.toNanos(leaseMillis)));
  }
}
