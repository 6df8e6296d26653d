// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout.machine;

import dev.weir.control.rollout.machine.RolloutDecision.NoChange;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import java.util.Optional;

/// The persisted state machine of a rollout, a pure function of stored and observed state. Every
/// strategy is a list of stages (see [dev.weir.model.release.Stages]).
///
/// In each live phase it checks, in this order: whether the spec still requires the rollout,
/// whether a guard failed, the verdict of the statistics, whether a wait has expired. A rollback
/// needs a version that answers. Without a Ready replica it would turn a bad release into an
/// outage, so the rollout pauses, reports this, and rolls back as soon as a replica of the old
/// version answers.
public final class RolloutMachine {
  private RolloutMachine() {}

  /// The next step of a live rollout.
  public static RolloutDecision next(Rollout rollout, Service service, RolloutFacts facts) {
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
