// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A replica's health, derived from the results of attempts. A replica without recent attempts
/// counts as healthy.
///
/// @param backOffUntilNanos end of its backoff after reporting that it is full; in the past if it
///   did not
/// @param refusedUntilNanos end of the pause after a failed connection; likewise
/// @param last failure of its last failed attempt
record PassiveHealth(
    Breaker breaker,
    RecentOutcomes recentOutcomes,
    long backOffUntilNanos,
    long refusedUntilNanos,
    Optional<Failure> last) {
  /// A replica that just refused a connection has nothing in flight and would otherwise attract
  /// every next request.
  private static final long REFUSED_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// Slow start: a recovered replica gets its full share only after this time.
  private static final long RAMP_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final double MIN_SHARE = 0.1;

  /// Minimum number of attempts in [RecentOutcomes] before the share of failures is significant.
  private static final int MIN_ATTEMPTS = 20;

  static PassiveHealth fresh(long nowNanos) {
    return new PassiveHealth(
        new Breaker.Closed(0, 0, nowNanos),
        RecentOutcomes.none(nowNanos),
        nowNanos,
        nowNanos,
        Optional.empty());
  }

  // --- events

  /// An attempt ended.
  ///
  /// @param breakerRole of its request
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

  /// Outcomes from before the recovery are discarded.
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
    RecentOutcomes.Counts recent = counted.recent(nowNanos);
    int decisive = recent.successes() + recent.failures();
    boolean mostFail = decisive >= MIN_ATTEMPTS && 2 * recent.failures() >= decisive;
    return new PassiveHealth(
        breaker.failed(
            policy,
            breakerRole.probes(),
            mostFail || breakerRole == BreakerRole.RECOVERING,
            nowNanos),
        counted,
        backOffUntilNanos,
        attemptOutcome.unreachable() ? nowNanos + REFUSED_PAUSE_NANOS : refusedUntilNanos,
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

  /// The first token of the probe's stream arrived: the replica generates again, and the next
  /// requests need not wait for the stream's end.
  PassiveHealth answering(long nowNanos) {
    return isOpen() ? succeeded(recentOutcomes, /* probe= */ true, nowNanos) : this;
  }

  PassiveHealth probing(long nowNanos) {
    return new PassiveHealth(
        breaker.probing(nowNanos), recentOutcomes, backOffUntilNanos, refusedUntilNanos, last);
  }

  // --- state

  boolean isOpen() {
    return !(breaker instanceof Breaker.Closed);
  }

  boolean backsOff(long nowNanos) {
    return backOffUntilNanos - nowNanos > 0;
  }

  boolean refused(long nowNanos) {
    return refusedUntilNanos - nowNanos > 0;
  }

  /// The replica's share of full load, above 0 and at most 1.
  double share(long nowNanos) {
    if (!(breaker instanceof Breaker.Closed closed) || !closed.returned()) {
      return 1;
    }
    double passed = (nowNanos - closed.sinceNanos()) / (double) RAMP_NANOS;
    return Math.clamp(passed, MIN_SHARE, 1);
  }
}
