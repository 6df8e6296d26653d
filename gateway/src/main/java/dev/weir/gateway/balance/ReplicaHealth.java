// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.Telemetry.Outcome;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// One replica's live state: requests in flight, health and received prompts. Shared by all event
/// loops without blocking.
final class ReplicaHealth {
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicReference<PassiveHealth> health;
  private final Deliveries deliveries;
  private final PromptHistory prompts = new PromptHistory();

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

  PromptHistory prompts() {
    return prompts;
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

  /// Claims the probe. Of several concurrent calls one succeeds.
  boolean takeProbe(long nowNanos) {
    PassiveHealth current = health.get();
    return current.breaker().probeDue(nowNanos)
        && health.compareAndSet(current, current.probing(nowNanos));
  }

  /// The probe's first token arrived.
  void firstToken(long nowNanos) {
    health.updateAndGet(current -> current.answering(nowNanos));
  }

  /// An attempt ended.
  ///
  /// @return whether this opened the breaker
  boolean ended(
      Isolation policy, AttemptOutcome attemptOutcome, BreakerRole breakerRole, long nowNanos) {
    while (true) {
      PassiveHealth current = health.get();
      PassiveHealth next = current.after(policy, attemptOutcome, breakerRole, nowNanos);
      if (health.compareAndSet(current, next)) {
        return attemptOutcome.outcome() == Outcome.FAILURE
            && next.breaker() instanceof Breaker.Open
            && !(current.breaker() instanceof Breaker.Open);
      }
    }
  }
}
