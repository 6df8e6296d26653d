// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.route;

import dev.weir.gateway.exchange.Membership;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/// Remembers which sessions have been counted in the current step of each rollout, by 64 hashed
/// bits of their name. Bounded: when a step has too many, the later ones are excluded from the
/// statistics in both arms alike, which costs evidence and no validity. Shared by all event loops.
public final class Sessions {
  private final int maxSessions;
  private final Map<String, Step> steps = new ConcurrentHashMap<>();

  private record Step(int number, Set<Long> seen) {
    Step(int number) {
      this(number, ConcurrentHashMap.newKeySet());
    }
  }

  /// @param maxSessions per rollout and step
  public Sessions(int maxSessions) {
    this.maxSessions = maxSessions;
  }

  /// Whether this request is its session's first in the rollout's step.
  public Membership enter(CanaryArm rollout, String session) {
    Step step = step(rollout);
    if (step.number() != rollout.step()) {
      return Membership.SESSIONS_FULL;
    }
    Long hash = UnitHash.of(session);
    if (step.seen().contains(hash)) {
      return Membership.SESSION_REPEATED;
    }
    if (step.seen().size() >= maxSessions) {
      return Membership.SESSIONS_FULL;
    }
    return step.seen().add(hash) ? Membership.COUNTED : Membership.SESSION_REPEATED;
  }

  /// The step's set; a request that is still served from the picture of an earlier step does not
  /// bring that step back.
  private Step step(CanaryArm rollout) {
    Step known = steps.get(rollout.rollout());
    if (known != null && known.number() >= rollout.step()) {
      return known;
    }
    return steps.compute(
        rollout.rollout(),
        (_, now) -> now != null && now.number() >= rollout.step() ? now : new Step(rollout.step()));
  }

  /// Forgets rollouts that are over.
  public void sweep(Predicate<String> present) {
    steps.keySet().removeIf(present.negate());
  }
}
