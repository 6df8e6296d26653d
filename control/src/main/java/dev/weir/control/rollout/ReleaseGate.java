// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.capacity.CapacityPlan;
import dev.weir.control.capacity.CapacityPlan.Refused;
import dev.weir.control.capacity.CapacityPlan.Surge;
import dev.weir.control.capacity.CapacityPlanner;
import dev.weir.control.capacity.CapacityUsage;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.policy.GuardRails;
import dev.weir.control.rollout.RolloutDecision.NoChange;
import dev.weir.control.rollout.RolloutDecision.Transition;
import dev.weir.model.ModelVersion;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.RolloutSpec.Scale;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Decides whether the state machine's next step may be taken: a release begins, and goes on, only
/// when no guard rail holds it, and begins only where there is room for it. A revert passes always;
/// an undo is held by no rail, but needs room as any release does.
///
/// One release at a time begins: of two that see the same free place or the same free accelerators,
/// the second looks again.
final class ReleaseGate {
  private final ResourceSnapshot.Reader resources;
  private final ControlClock clock;
  private final ReentrantLock beginning = new ReentrantLock();
  private @Nullable CapacityUsage capacityUsage;

  /// Where it goes from here.
  interface ReleaseActions {
    /// Stores a move of the rollout, which has its room when it begins.
    ///
    /// @return whether it was stored
    boolean write(Rollout rollout, Transition transition);

    /// Says what is waited for.
    ///
    /// @return false: nothing was stored
    boolean report(String message);
  }

  ReleaseGate(ResourceSnapshot.Reader resources, ControlClock clock) {
    this.resources = resources;
    this.clock = clock;
  }

  /// @return whether something was stored
  boolean pass(RolloutContext context, RolloutDecision next, ReleaseActions releaseActions) {
    return switch (next) {
      case NoChange(String message) -> releaseActions.report(message);
      case Transition transition when begins(context.rollout(), transition) ->
          begin(context, transition, releaseActions);
      case Transition transition ->
          held(context.rollout(), transition)
              .map(releaseActions::report)
              .orElseGet(() -> releaseActions.write(context.rollout(), transition));
    };
  }

  private boolean begin(
      RolloutContext context, Transition transition, ReleaseActions releaseActions) {
    beginning.lock();
    try {
      ResourceSnapshot known = resources.current();
      GuardRails rails = new GuardRails(known, clock.now());
      List<String> holds = rails.holds(context.service(), context.rollout());
      return holds.isEmpty()
          ? place(context, transition, known, rails, releaseActions)
          : waitOn(context, String.join("; ", holds), rails, releaseActions);
    } finally {
      beginning.unlock();
    }
  }

  /// Has its room from here on, or waits for it.
  private boolean place(
      RolloutContext context,
      Transition transition,
      ResourceSnapshot known,
      GuardRails rails,
      ReleaseActions releaseActions) {
    Optional<ModelVersion> to =
        known.version(context.rollout().metadata().namespace(), context.spec().to());
    if (to.isEmpty()) {
      return releaseActions.write(context.rollout(), transition);
    }
    CapacityPlan plan =
        CapacityPlanner.plan(
            context.service(),
            context.spec().from(),
            to.get(),
            context.spec().release(),
            capacityUsage(known),
            known);
    if (plan instanceof Refused) {
      return waitOn(context, plan.words(), rails, releaseActions);
    }
    Scale scale = CapacityPlanner.scale(context.service(), to.get(), plan, known);
    return releaseActions.write(
        context.rollout().withSpec(context.spec().withScale(scale)),
        plan instanceof Surge ? transition : transition.withDetail(plan.words()));
  }

  /// Many may look at the same snapshot, one after the other.
  private CapacityUsage capacityUsage(ResourceSnapshot known) {
    CapacityUsage last = capacityUsage;
    if (last == null || !last.about(known)) {
      last = CapacityUsage.of(known);
      capacityUsage = last;
    }
    return last;
  }

  private static boolean waitOn(
      RolloutContext context, String why, GuardRails rails, ReleaseActions releaseActions) {
    if (rails.waitExpired(context.rollout())) {
      String reason = "could not begin (" + why + ")";
      return switch (Rollback.revertUndecided(context, reason)) {
        case Transition end -> releaseActions.write(context.rollout(), end);
        case NoChange(String message) -> releaseActions.report(message);
      };
    }
    return releaseActions.report(why);
  }

  private Optional<String> held(Rollout rollout, Transition transition) {
    return isProgress(rollout.status().phase(), transition.status().phase())
        ? new GuardRails(resources.current(), clock.now())
            .pauses(rollout)
            .map(why -> rollout.status().message() + "; goes no further: " + why)
        : Optional.empty();
  }

  private static boolean begins(Rollout rollout, Transition transition) {
    return rollout.status().phase() == RolloutPhase.PENDING
        && transition.status().phase() == RolloutPhase.PROVISIONING;
  }

  // A promotion that has begun is brought to its end: half of one is worse than either.
  private static boolean isProgress(RolloutPhase from, RolloutPhase to) {
    boolean runs = from == RolloutPhase.PROVISIONING || from == RolloutPhase.PROGRESSING;
    return runs && (to == RolloutPhase.PROGRESSING || to == RolloutPhase.PROMOTING);
  }
}
