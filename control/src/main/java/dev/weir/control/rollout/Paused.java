// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.rollout.Step.Finding;
import dev.weir.control.rollout.Step.Move;
import dev.weir.control.rollout.Step.Stay;
import dev.weir.model.RolloutPhase;
import java.util.Optional;

/// A rollout that waits for somebody, or for something to go back to.
final class Paused {
  private Paused() {}

  static Step next(Situation now) {
    if (now.status().ending().isPresent()) {
      return owesRevert(now, now.status().ending().get());
    }
    if (now.status().pausedFrom().equals(Optional.of(RolloutPhase.PROVISIONING))
        && goesOnByItself(now)) {
      String to = "back to " + now.spec().to();
      return Forward.promoteFully(now, Optional.of(ByHand.finding("undone", to)), to);
    }
    Optional<Step> harm = WayBack.proven(now);
    if (harm.isPresent()) {
      return harm.get();
    }
    return now.overdue(now.spec().release().maxWait())
        ? WayBack.giveUp(now, "paused, and nobody said how to go on")
        : new Stay(now.status().message());
  }

  private static boolean goesOnByItself(Situation now) {
    return now.spec().undo() && now.facts().canary().complete();
  }

  private static Step owesRevert(Situation now, RolloutPhase ending) {
    if (now.facts().fallback().answering() == 0) {
      return new Stay(now.status().message());
    }
    String from = now.spec().from().toString();
    return new Move(
        WayBack.back(now, ending, now.status().decidedBy())
            .message(from + " answers again: reverting, as decided before"),
        Optional.empty(),
        from + " has a ready replica again: the revert that was decided is done now",
        Optional.of(
            new Finding("Guard", "the revert that was decided is done", now.status().decidedBy())));
  }
}
