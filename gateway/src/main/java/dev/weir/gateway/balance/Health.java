// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// What is known of a replica from how attempts at it ended. Nothing known means well: a replica
/// that nobody has heard of lately is a candidate like any other.
///
/// @param backOffUntilNanos it said that it is full; a moment that has passed when it did not
/// @param refusedUntilNanos it could not be connected to; likewise
/// @param last how the last attempt that was not well ended
record Health(
    Breaker breaker,
    Answers answers,
    long backOffUntilNanos,
    long refusedUntilNanos,
    Optional<Failure> last) {
  /// A replica that just refused a connection has nothing in flight and would attract every next
  /// request.
  private static final long SHUN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// A replica that came back is given its full share only after this time.
  private static final long RAMP_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final double LEAST_SHARE = 0.1;

  /// From how many attempts in [Answers] the share of failures says something.
  private static final int MIN_ATTEMPTS = 20;

  static Health fresh(long nowNanos) {
    return new Health(
        new Breaker.Closed(0, 0, nowNanos),
        Answers.none(nowNanos),
        nowNanos,
        nowNanos,
        Optional.empty());
  }

  // --- what happens

  /// An attempt ended.
  ///
  /// @param role of the request that it belongs to
  Health after(Isolation policy, Verdict verdict, Role role, long nowNanos) {
    boolean probe = role.probes();
    Answers counted = answers.plus(verdict.outcome(), nowNanos);
    return switch (verdict.outcome()) {
      case SUCCESS -> succeeded(counted, probe, nowNanos);
      case FAILURE -> failed(policy, counted, verdict, role, nowNanos);
      case BACKPRESSURE -> full(counted, verdict, probe, nowNanos);
      case NEUTRAL, PENDING ->
          new Health(
              breaker.saidNothing(probe, nowNanos),
              counted,
              backOffUntilNanos,
              refusedUntilNanos,
              last);
    };
  }

  /// What was counted before it came back is of the time before.
  private Health succeeded(Answers counted, boolean probe, long nowNanos) {
    Breaker next = breaker.succeeded(probe, nowNanos);
    boolean cameBack = next instanceof Breaker.Closed && !(breaker instanceof Breaker.Closed);
    return new Health(
        next,
        cameBack ? Answers.none(nowNanos) : counted,
        backOffUntilNanos,
        refusedUntilNanos,
        last);
  }

  private Health failed(
      Isolation policy, Answers counted, Verdict verdict, Role role, long nowNanos) {
    Answers.Counts lately = counted.lately(nowNanos);
    int judged = lately.well() + lately.badly();
    boolean mostFail = judged >= MIN_ATTEMPTS && 2 * lately.badly() >= judged;
    return new Health(
        breaker.failed(policy, role.probes(), mostFail || role == Role.VOUCHER, nowNanos),
        counted,
        backOffUntilNanos,
        verdict.unreachable() ? nowNanos + SHUN_NANOS : refusedUntilNanos,
        verdict.failure());
  }

  private Health full(Answers counted, Verdict verdict, boolean probe, long nowNanos) {
    long until = nowNanos + verdict.backOffNanos();
    return new Health(
        breaker.saidNothing(probe, until), counted, until, refusedUntilNanos, verdict.failure());
  }

  /// The first token of the probe's stream came: the replica generates again, and whoever comes
  /// next need not wait for the stream's end.
  Health answering(long nowNanos) {
    return isOpen() ? succeeded(answers, /* probe= */ true, nowNanos) : this;
  }

  Health probing(long nowNanos) {
    return new Health(
        breaker.probing(nowNanos), answers, backOffUntilNanos, refusedUntilNanos, last);
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
