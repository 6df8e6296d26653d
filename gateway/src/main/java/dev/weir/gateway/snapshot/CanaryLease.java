// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// The right to feed canary arms, which ends by itself. A gateway that starts has none, whatever
/// its disk says: until the control plane answers, the version under test may have been reverted.
///
/// The lease counts from when the answered batch was *sent*, by the monotonic clock, so that it
/// never outlasts what the control plane granted, however long the answer travelled.
public final class CanaryLease {
  private final LongSupplier nanoTime;
  private volatile Optional<Grant> grant = Optional.empty();

  public CanaryLease(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  private record Grant(long endNanos) {}

  /// Whether canary arms may be fed at this instant.
  public boolean runs() {
    return remainingNanos() > 0;
  }

  /// What is left of it; 0 when there is none.
  public long remainingMillis() {
    return TimeUnit.NANOSECONDS.toMillis(remainingNanos());
  }

  private long remainingNanos() {
    return grant.map(g -> Math.max(0, g.endNanos() - nanoTime.getAsLong())).orElse(0L);
  }

  /// Takes the control plane's answer.
  ///
  /// @param sentNanos when the answered batch was sent, by the same monotonic clock
  /// @param leaseMillis from then; 0 or less ends the lease now
  void renew(long sentNanos, long leaseMillis) {
    grant =
        leaseMillis <= 0
            ? Optional.empty()
            : Optional.of(new Grant(sentNanos + TimeUnit.MILLISECONDS.toNanos(leaseMillis)));
  }
}
