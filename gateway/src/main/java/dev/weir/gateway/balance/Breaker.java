// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.snapshot.RoutingSnapshot.Isolation;
import java.util.concurrent.TimeUnit;

/// The states of a replica's circuit breaker and their transitions. Times are nanoseconds of a
/// monotonic clock.
///
/// Only the probe of a half-open breaker closes or reopens it; requests that were already in flight
/// carry no new information. A streamed probe closes it with its first token, because a stream may
/// outlast the lease. The replica then gets a small share at first, and a failure of the probe's
/// stream opens the breaker again.
sealed interface Breaker {
  /// A probe without a result after this time is replaced: another request may probe.
  long LEASE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /// Upper limit, however often a replica was ejected.
  long MAX_OPEN_NANOS = TimeUnit.MINUTES.toNanos(5);

  /// An attempt succeeded.
  Breaker succeeded(boolean probe, long nowNanos);

  /// An attempt failed.
  ///
  /// @param enough opens the breaker in any case: most recent attempts at this replica failed
  Breaker failed(Isolation policy, boolean probe, boolean enough, long nowNanos);

  /// An attempt ended without information on the replica's health: a probe returns its slot.
  ///
  /// @param againNanos when the replica may be tried again
  Breaker releaseProbe(boolean probe, long againNanos);

  /// Requests flow.
  ///
  /// @param ejections how often it opened recently; each ejection time spent closed subtracts one
  /// @param sinceNanos when it closed
  record Closed(int failuresInRow, int ejections, long sinceNanos) implements Breaker {
    @Override
    public Breaker succeeded(boolean probe, long nowNanos) {
      return failuresInRow == 0 ? this : new Closed(0, ejections, sinceNanos);
    }

    @Override
    public Breaker failed(Isolation policy, boolean probe, boolean enough, long nowNanos) {
      int inRow = failuresInRow + 1;
      if (inRow < policy.consecutiveFailures() && !enough) {
        return new Closed(inRow, ejections, sinceNanos);
      }
      long forgiven = (nowNanos - sinceNanos) / ejectionNanos(policy);
      return open(policy, (int) Math.max(0, ejections - forgiven) + 1, nowNanos);
    }

    @Override
    public Breaker releaseProbe(boolean probe, long againNanos) {
      return this;
    }

    /// Whether it was open before.
    boolean returned() {
      return ejections > 0;
    }
  }

  /// No requests should be sent.
  record Open(int ejections, long sinceNanos, long untilNanos) implements Breaker {
    @Override
    public Breaker succeeded(boolean probe, long nowNanos) {
      return this;
    }

    @Override
    public Breaker failed(Isolation policy, boolean probe, boolean enough, long nowNanos) {
      return this;
    }

    @Override
    public Breaker releaseProbe(boolean probe, long againNanos) {
      return this;
    }
  }

  /// One request probes whether the replica works again.
  record HalfOpen(int ejections, long sinceNanos, long leaseUntilNanos) implements Breaker {
    @Override
    public Breaker succeeded(boolean probe, long nowNanos) {
      return probe ? new Closed(0, ejections, nowNanos) : this;
    }

    @Override
    public Breaker failed(Isolation policy, boolean probe, boolean enough, long nowNanos) {
      return probe ? open(policy, ejections + 1, nowNanos) : this;
    }

    @Override
    public Breaker releaseProbe(boolean probe, long againNanos) {
      return probe ? new Open(ejections, sinceNanos, againNanos) : this;
    }
  }

  /// Whether a probe may be sent now.
  default boolean probeDue(long nowNanos) {
    return switch (this) {
      case Closed _ -> false;
      case Open open -> nowNanos - open.untilNanos >= 0;
      case HalfOpen halfOpen -> nowNanos - halfOpen.leaseUntilNanos >= 0;
    };
  }

  /// When a request may be sent (again).
  default long nextProbeNanos(long nowNanos) {
    return switch (this) {
      case Closed _ -> nowNanos;
      case Open open -> open.untilNanos;
      case HalfOpen halfOpen -> halfOpen.leaseUntilNanos;
    };
  }

  /// The state with a probe in flight.
  default Breaker probing(long nowNanos) {
    return switch (this) {
      case Closed closed -> closed;
      case Open open -> new HalfOpen(open.ejections, open.sinceNanos, nowNanos + LEASE_NANOS);
      case HalfOpen half -> new HalfOpen(half.ejections, half.sinceNanos, nowNanos + LEASE_NANOS);
    };
  }

  private static long ejectionNanos(Isolation policy) {
    return TimeUnit.MILLISECONDS.toNanos(policy.ejectionMillis());
  }

  private static Open open(Isolation policy, int ejections, long nowNanos) {
    long longest = Math.max(ejectionNanos(policy), MAX_OPEN_NANOS);
    long length = Math.min(longest, ejectionNanos(policy) * ejections);
    return new Open(ejections, nowNanos, nowNanos + length);
  }
}
