// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.rollout.RolloutDecision.NoChange;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import java.util.Optional;

/// The persisted state machine of a rollout, as a pure function of stored and observed state. All
/// strategies are lists of stages (see [dev.weir.model.release.Stages]) and take this way.
///
/// In every live phase the order is: does the Service still want it, has a guard tripped, what do
/// the statistics say, is a wait over. A revert goes back to a version that answers, or not at all:
/// onto no Ready replica it would turn a bad release into an outage, so then the rollout pauses,
/// says so, and reverts as soon as there is something to go back to.
final class RolloutMachine {
  private RolloutMachine() {}

  /// The next step of a live rollout.
  static RolloutDecision next(Rollout rollout, Service service, RolloutFacts facts) {
    RolloutContext context = RolloutContext.of(rollout, service, facts);
    return switch (rollout.status().phase()) {
      case PENDING ->
          SpecChangeCheck.gone(context).orElseGet(() -> StageProgression.pending(context));
      case PROVISIONING -> stopped(context).orElseGet(() -> StageProgression.provisioning(context));
      case PROGRESSING, PROMOTING ->
          stopped(context).orElseGet(() -> StageProgression.going(context));
      case PAUSED -> stopped(context).orElseGet(() -> PausedRollout.next(context));
      case ROLLING_BACK -> Rollback.next(context);
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> new NoChange(rollout.status().message());
    };
  }

  private static Optional<RolloutDecision> stopped(RolloutContext context) {
    return SpecChangeCheck.gone(context).or(() -> Rollback.guarded(context));
  }
}
