// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// What is known of a replica from how attempts at it ended. A replica without recent attempts is
/// considered healthy and is a candidate like any other.
///
/// @param backOffUntilNanos it said that it is full; a moment that has passed when it did not
/// @param refusedUntilNanos it could not be connected to; likewise
/// @param last how the last attempt that was not well ended
record PassiveHealth(
    Breaker breaker,
    RecentOutcomes recentOutcomes,
    long backOffUntilNanos,
    long refusedUntilNanos,
    Optional<Failure> last) {
  /// A replica that just refused a connection has nothing in flight and would attract every next
  /// request.
  private static final long SHUN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// A replica that came back is given its full share only after this time.
  private static final long RAMP_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final double LEAST_SHARE = 0.1;

  /// From how many attempts in [RecentOutcomes] the share of failures says something.
  private static final int MIN_ATTEMPTS = 20;

  static PassiveHealth fresh(long nowNanos) {
    return new PassiveHealth(
        new Breaker.Closed(0, 0, nowNanos),
        RecentOutcomes.none(nowNanos),
        nowNanos,
        nowNanos,
        Optional.empty());
  }

  // --- what happens

  /// An attempt ended.
  ///
  /// @param breakerRole of the request that it belongs to
  PassiveHealth after(
      Isolation policy, AttemptOutcome attemptOutcome, BreakerRole breakerRole, long nowNanos) {
    boolean probe = breakerRole.probes();
    RecentOutcomes counted = recentOutcomes.plus(attemptOutcome.outcome(), nowNanos);
    return switch (attemptOutcome.outcome()) {
      case SUCCESS -> succeeded(counted, probe, nowNanos);
      case FAILURE -> failed(policy, counted, attemptOutcome, breakerRole, nowNanos);
      case BACKPRESSURE -> full(counted, attemptOutcome, probe, nowNanos);
      case NEUTRAL, PENDING ->
          new PassiveHealth(
              breaker.releaseProbe(probe, nowNanos),
              counted,
              backOffUntilNanos,
              refusedUntilNanos,
              last);
    };
  }

  /// What was counted before it came back is of the time before.
  private PassiveHealth succeeded(RecentOutcomes counted, boolean probe, long nowNanos) {
    Breaker next = breaker.succeeded(probe, nowNanos);
    boolean cameBack = next instanceof Breaker.Closed && !(breaker instanceof Breaker.Closed);
    return new PassiveHealth(
        next,
        cameBack ? RecentOutcomes.none(nowNanos) : counted,
        backOffUntilNanos,
        refusedUntilNanos,
        last);
  }

  private PassiveHealth failed(
      Isolation policy,
      RecentOutcomes counted,
      AttemptOutcome attemptOutcome,
      BreakerRole breakerRole,
      long nowNanos) {
    RecentOutcomes.Counts lately = counted.recent(nowNanos);
    int judged = lately.successes() + lately.failures();
    boolean mostFail = judged >= MIN_ATTEMPTS && 2 * lately.failures() >= judged;
    return new PassiveHealth(
        breaker.failed(
            policy,
            breakerRole.probes(),
            mostFail || breakerRole == BreakerRole.RECOVERING,
            nowNanos),
        counted,
        backOffUntilNanos,
        attemptOutcome.unreachable() ? nowNanos + SHUN_NANOS : refusedUntilNanos,
        attemptOutcome.failure());
  }

  private PassiveHealth full(
      RecentOutcomes counted, AttemptOutcome attemptOutcome, boolean probe, long nowNanos) {
    long until = nowNanos + attemptOutcome.backOffNanos();
    return new PassiveHealth(
        breaker.releaseProbe(probe, until),
        counted,
        until,
        refusedUntilNanos,
        attemptOutcome.failure());
  }

  /// The first token of the probe's stream came: the replica generates again, and whoever comes
  /// next need not wait for the stream's end.
  PassiveHealth answering(long nowNanos) {
    return isOpen() ? succeeded(recentOutcomes, /* probe= */ true, nowNanos) : this;
  }

  PassiveHealth probing(long nowNanos) {
    return new PassiveHealth(
        breaker.probing(nowNanos), recentOutcomes, backOffUntilNanos, refusedUntilNanos, last);
  }

  // --- what it means

  boolean isOpen() {
    return !(breaker instanceof Breaker.Closed);
  }

  boolean backsOff(long nowNanos) {
    return backOffUntilNanos - nowNanos > 0;
  }

  boolean refused(long nowNanos) {
    return refusedUntilNanos - nowNanos > 0;
  }

  /// The share of a full replica's load that it is given, above 0 and at most 1.
  double share(long nowNanos) {
    if (!(breaker instanceof Breaker.Closed closed) || !closed.returned()) {
      return 1;
    }
    double passed = (nowNanos - closed.sinceNanos()) / (double) RAMP_NANOS;
    return Math.clamp(passed, LEAST_SHARE, 1);
  }
}
