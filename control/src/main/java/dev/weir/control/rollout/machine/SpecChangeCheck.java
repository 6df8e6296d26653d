// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout.machine;

import dev.weir.control.rollout.machine.RolloutDecision.Finding;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.VersionRef;
import java.util.List;
import java.util.Optional;

/// Checks whether the user's spec still requires a rollout.
final class SpecChangeCheck {
  static final String BY_SPEC = "spec";

  private SpecChangeCheck() {}

  /// The decision when it does not. A rollout that an operator started (its spec revision equals
  /// the Service's) is not compared with the spec.
  static Optional<RolloutDecision> gone(RolloutContext context) {
    VersionRef wanted = context.service().spec().version();
    boolean specMoved =
        context.service().metadata().specRevision() != context.spec().specRevision();
    if (!specMoved || wanted.equals(context.spec().to()) || context.status().ending().isPresent()) {
      return Optional.empty();
    }
    if (wanted.equals(context.spec().from())) {
      return context.spec().undo() || stableIsGone(context)
          ? Optional.empty()
          : revert(
              context,
              RolloutPhase.ABORTED,
              "the spec names " + wanted + " again, which is the stable version");
    }
    return context.switched()
        ? Optional.empty()
        : revert(context, RolloutPhase.SUPERSEDED, "the spec names " + wanted + " now");
  }

  // In this case the promotion completes, and a rollback is a new release.
  private static boolean stableIsGone(RolloutContext context) {
    return context.switched() && context.facts().fallback().answering() == 0;
  }

  private static Optional<RolloutDecision> revert(
      RolloutContext context, RolloutPhase ending, String why) {
    return Optional.of(
        Rollback.revert(context, ending, new Finding("Manual", why, List.of(BY_SPEC))));
  }
}
