// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.capacity.CapacityPlan;
import dev.weir.control.capacity.CapacityPlan.Refused;
import dev.weir.control.capacity.CapacityPlan.Surge;
import dev.weir.control.capacity.CapacityPlanner;
import dev.weir.control.capacity.CapacityUsage;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.policy.GuardRails;
import dev.weir.control.rollout.machine.Rollback;
import dev.weir.control.rollout.machine.RolloutContext;
import dev.weir.control.rollout.machine.RolloutDecision;
import dev.weir.control.rollout.machine.RolloutDecision.NoChange;
import dev.weir.control.rollout.machine.RolloutDecision.Transition;
import dev.weir.model.ModelVersion;
import dev.weir.model.Rollout;
import dev.weir.model.spec.RolloutSpec.Scale;
import dev.weir.model.status.RolloutPhase;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Decides whether a rollout may take the next step of the state machine. It writes nothing.
///
/// A rollout starts and progresses only if no guard rail blocks it, and starts only if there is
/// capacity for it. A rollback always passes. A release of an earlier version is subject to no
/// guard rail, but it needs capacity like any release.
///
/// A decision about a start is valid only for the snapshot that it was made from: the caller
/// serialises decision and commit of starts, so that two releases cannot use the same free
/// capacity.
final class ReleaseGate {
  private volatile @Nullable CapacityUsage capacityUsage;

  /// The result of the check.
  sealed interface GateDecision {
    /// The rollout takes the transition.
    ///
    /// @param rollout at a start, its spec contains the capacity that it uses from now on
    record Proceed(Rollout rollout, Transition transition) implements GateDecision {}

    /// The rollout does not change.
    ///
    /// @param message what it waits for
    record Wait(String message) implements GateDecision {}
  }

  /// Whether the decision starts the rollout and so takes capacity.
  static boolean starts(Rollout rollout, RolloutDecision next) {
    return next instanceof Transition transition && starts(rollout, transition);
  }

  private static boolean starts(Rollout rollout, Transition transition) {
    return rollout.status().phase() == RolloutPhase.PENDING
        && transition.status().phase() == RolloutPhase.PROVISIONING;
  }

  /// Checks the next step against the guard rails and, at a start, against the free capacity.
  ///
  /// @param known the newest stored resources
  GateDecision decide(RolloutContext context, RolloutDecision next, ResourceSnapshot known) {
    return switch (next) {
      case NoChange(String message) -> new GateDecision.Wait(message);
      case Transition transition when starts(context.rollout(), transition) ->
          start(context, transition, known);
      case Transition transition when progresses(context.rollout(), transition) ->
          progress(context, transition, known);
      case Transition transition -> new GateDecision.Proceed(context.rollout(), transition);
    };
  }

  private GateDecision start(
      RolloutContext context, Transition transition, ResourceSnapshot known) {
    GuardRails rails = new GuardRails(known, context.facts().now());
    List<String> blocks = rails.waitReasons(context.service(), context.rollout());
    return blocks.isEmpty()
        ? place(context, transition, known, rails)
        : waitOrGiveUp(context, String.join("; ", blocks), rails);
  }

  private GateDecision place(
      RolloutContext context, Transition transition, ResourceSnapshot known, GuardRails rails) {
    Optional<ModelVersion> to =
        known.version(context.rollout().metadata().namespace(), context.spec().to());
    if (to.isEmpty()) {
      return new GateDecision.Proceed(context.rollout(), transition);
    }
    CapacityPlan plan =
        CapacityPlanner.plan(
            context.service(),
            context.spec().from(),
            to.get(),
            context.spec().release(),
            context.spec().undo(),
            capacityUsage(known),
            known);
    if (plan instanceof Refused) {
      return waitOrGiveUp(context, plan.text(), rails);
    }
    Scale scale = CapacityPlanner.scale(context.service(), to.get(), plan, known);
    return new GateDecision.Proceed(
        context.rollout().withSpec(context.spec().withScale(scale)),
        plan instanceof Surge ? transition : transition.withDetail(plan.text()));
  }

  /// Many pending rollouts check the same snapshot, so its usage is computed once.
  private CapacityUsage capacityUsage(ResourceSnapshot known) {
    CapacityUsage last = capacityUsage;
    if (last == null || !last.isFrom(known)) {
      last = CapacityUsage.of(known);
      capacityUsage = last;
    }
    return last;
  }

  private static GateDecision waitOrGiveUp(RolloutContext context, String why, GuardRails rails) {
    if (!rails.waitExpired(context.rollout())) {
      return new GateDecision.Wait(why);
    }
    return switch (Rollback.revertUndecided(context, "could not begin (" + why + ")")) {
      case Transition end -> new GateDecision.Proceed(context.rollout(), end);
      case NoChange(String message) -> new GateDecision.Wait(message);
    };
  }

  private static GateDecision progress(
      RolloutContext context, Transition transition, ResourceSnapshot known) {
    Rollout rollout = context.rollout();
    return new GuardRails(known, context.facts().now())
        .pauseReason(rollout)
        .<GateDecision>map(
            why -> new GateDecision.Wait(rollout.status().message() + "; goes no further: " + why))
        .orElseGet(() -> new GateDecision.Proceed(rollout, transition));
  }

  // A promotion that has started is always completed: a partial promotion is worse than either
  // version.
  private static boolean progresses(Rollout rollout, Transition transition) {
    RolloutPhase from = rollout.status().phase();
    RolloutPhase to = transition.status().phase();
    boolean runs = from == RolloutPhase.PROVISIONING || from == RolloutPhase.PROGRESSING;
    return runs && (to == RolloutPhase.PROGRESSING || to == RolloutPhase.PROMOTING);
  }
}
