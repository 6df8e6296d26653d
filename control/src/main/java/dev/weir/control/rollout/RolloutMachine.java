// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.rollout.Step.Stay;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import java.util.Optional;

/// The persisted state machine of a rollout, as a pure function of what is stored and what is so.
/// All strategies are lists of stages (see [dev.weir.model.release.Stages]) and take this way.
///
/// In every live phase the order is: does the Service still want it, has a guard tripped, what do
/// the statistics say, is a wait over. A revert goes back to a version that answers, or not at all:
/// onto no Ready replica it would turn a bad release into an outage, so then the rollout pauses,
/// says so, and reverts as soon as there is something to go back to.
final class RolloutMachine {
  private RolloutMachine() {}

  /// The next step of a live rollout.
  static Step next(Rollout rollout, Service service, Facts facts) {
    Situation now = Situation.of(rollout, service, facts);
    return switch (rollout.status().phase()) {
      case PENDING -> Wish.gone(now).orElseGet(() -> Forward.pending(now));
      case PROVISIONING -> stopped(now).orElseGet(() -> Forward.provisioning(now));
      case PROGRESSING, PROMOTING -> stopped(now).orElseGet(() -> Forward.going(now));
      case PAUSED -> stopped(now).orElseGet(() -> Paused.next(now));
      case ROLLING_BACK -> WayBack.next(now);
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> new Stay(rollout.status().message());
    };
  }

  private static Optional<Step> stopped(Situation now) {
    return Wish.gone(now).or(() -> WayBack.guarded(now));
  }
}
