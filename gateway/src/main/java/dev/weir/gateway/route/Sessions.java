// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.route;

import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.SessionUnit;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// Remembers which sessions were counted in the current step of each rollout, by a 64-bit hash of
/// their name. Bounded: when a step has too many, later ones are excluded from the statistics in
/// both arms alike, which reduces evidence but not validity. Shared by all event loops.
public final class Sessions {
  private final int maxSessions;
  private final LongSupplier nanoTime;
  private final Map<String, Step> steps = new ConcurrentHashMap<>();

  private record Step(int number, Map<Long, SessionUnit> seen) {
    Step(int number) {
      this(number, new ConcurrentHashMap<>());
    }
  }

  /// How a request counts.
  ///
  /// @param session that it counts with
  /// @param turn its number in that session, 1 for the first
  record Entry(CohortMembership membership, Optional<SessionUnit> session, int turn) {
    static Entry apart(CohortMembership why) {
      return new Entry(why, Optional.empty(), 0);
    }
  }

  /// @param maxSessions per rollout and step
  public Sessions(int maxSessions, LongSupplier nanoTime) {
    this.maxSessions = maxSessions;
    this.nanoTime = nanoTime;
  }

  /// Whether this request is its session's first in the rollout's step, or may join the first.
  Entry enter(CanaryArm rollout, String session) {
    Step step = step(rollout);
    if (step.number() != rollout.step()) {
      return Entry.apart(CohortMembership.SESSIONS_FULL);
    }
    Long hash = UnitHash.of(session);
    SessionUnit known = step.seen().get(hash);
    if (known != null) {
      return join(known);
    }
    if (step.seen().size() >= maxSessions) {
      return Entry.apart(CohortMembership.SESSIONS_FULL);
    }
    SessionUnit created = new SessionUnit(nanoTime.getAsLong());
    SessionUnit existing = step.seen().putIfAbsent(hash, created);
    return existing == null
        ? new Entry(CohortMembership.COUNTED, Optional.of(created), 1)
        : join(existing);
  }

  private Entry join(SessionUnit known) {
    int turn = known.join(nanoTime.getAsLong());
    return turn == 0
        ? Entry.apart(CohortMembership.SESSION_REPEATED)
        : new Entry(CohortMembership.JOINED, Optional.of(known), turn);
  }

  /// The state of the step. A request that is still served from the snapshot of an earlier step
  /// does not restore that step.
  private Step step(CanaryArm rollout) {
    Step known = steps.get(rollout.rollout());
    if (known != null && known.number() >= rollout.step()) {
      return known;
    }
    return steps.compute(
        rollout.rollout(),
        (_, now) -> now != null && now.number() >= rollout.step() ? now : new Step(rollout.step()));
  }

  /// Removes rollouts that ended.
  public void sweep(Predicate<String> present) {
    steps.keySet().removeIf(present.negate());
  }
}
