// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout.machine;

import dev.weir.control.rollout.machine.RolloutDecision.Finding;
import dev.weir.control.rollout.machine.RolloutDecision.NoChange;
import dev.weir.control.rollout.machine.RolloutDecision.Transition;
import dev.weir.model.status.RolloutPhase;
import java.util.Optional;

/// A rollout that waits for an operator, or for replicas to roll back to.
final class PausedRollout {
  private PausedRollout() {}

  static RolloutDecision next(RolloutContext context) {
    if (context.status().ending().isPresent()) {
      return revertPending(context, context.status().ending().get());
    }
    if (context.status().pausedFrom().equals(Optional.of(RolloutPhase.PROVISIONING))
        && goesOnByItself(context)) {
      String to = "back to " + context.spec().to();
      return StageProgression.promoteFully(
          context, Optional.of(ManualCommands.finding("undone", to)), to);
    }
    Optional<RolloutDecision> harm = Rollback.proven(context);
    if (harm.isPresent()) {
      return harm.get();
    }
    return context.overdue(context.spec().release().maxWait())
        ? Rollback.revertUndecided(context, "paused without a decision")
        : new NoChange(context.status().message());
  }

  private static boolean goesOnByItself(RolloutContext context) {
    return context.spec().undo() && context.facts().canary().complete();
  }

  private static RolloutDecision revertPending(RolloutContext context, RolloutPhase ending) {
    if (context.facts().fallback().answering() == 0) {
      return new NoChange(context.status().message());
    }
    String from = context.spec().from().toString();
    return new Transition(
        Rollback.back(context, ending, context.status().decidedBy())
            .message(from + " answers again: reverting, as decided before"),
        Optional.empty(),
        from + " has a ready replica again: the revert that was decided is done now",
        Optional.of(
            new Finding(
                "Guard", "the revert that was decided is done", context.status().decidedBy())));
  }
}
