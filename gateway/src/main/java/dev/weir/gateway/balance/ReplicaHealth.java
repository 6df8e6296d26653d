// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.Telemetry.Outcome;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// One replica's live state: requests in flight and health. Shared by all event loops without
/// blocking.
final class ReplicaHealth {
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicReference<PassiveHealth> health;
  private final Deliveries deliveries;

  ReplicaHealth(long nowNanos) {
    this.health = new AtomicReference<>(PassiveHealth.fresh(nowNanos));
    this.deliveries = new Deliveries(nowNanos);
  }

  PassiveHealth now() {
    return health.get();
  }

  Deliveries deliveries() {
    return deliveries;
  }

  int inFlight() {
    return inFlight.get();
  }

  void enter() {
    inFlight.incrementAndGet();
  }

  void leave() {
    inFlight.decrementAndGet();
  }

  /// Whether this request is the one that tries if the replica is well again. Of many that ask at a
  /// time one is told so.
  boolean takeProbe(long nowNanos) {
    PassiveHealth seen = health.get();
    return seen.breaker().probeDue(nowNanos) && health.compareAndSet(seen, seen.probing(nowNanos));
  }

  /// The probe's first token came.
  void answers(long nowNanos) {
    health.updateAndGet(seen -> seen.answering(nowNanos));
  }

  /// An attempt ended.
  ///
  /// @return whether that opened the breaker
  boolean ended(
      Isolation policy, AttemptOutcome attemptOutcome, BreakerRole breakerRole, long nowNanos) {
    while (true) {
      PassiveHealth seen = health.get();
      PassiveHealth next = seen.after(policy, attemptOutcome, breakerRole, nowNanos);
      if (health.compareAndSet(seen, next)) {
        return attemptOutcome.outcome() == Outcome.FAILURE
            && next.breaker() instanceof Breaker.Open
            && !(seen.breaker() instanceof Breaker.Open);
      }
    }
  }
}
