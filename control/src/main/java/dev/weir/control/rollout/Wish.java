// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.rollout.Step.Finding;
import dev.weir.model.RolloutPhase;
import dev.weir.model.VersionRef;
import java.util.List;
import java.util.Optional;

/// Whether the user's spec still asks for a rollout.
final class Wish {
  static final String BY_SPEC = "spec";

  private Wish() {}

  /// What follows when it does not. A rollout that was asked for by hand (its spec revision is the
  /// Service's own) is not measured by the spec.
  static Optional<Step> gone(Situation now) {
    VersionRef wanted = now.service().spec().version();
    boolean specMoved = now.service().metadata().specRevision() != now.spec().specRevision();
    if (!specMoved || wanted.equals(now.spec().to()) || now.status().ending().isPresent()) {
      return Optional.empty();
    }
    if (wanted.equals(now.spec().from())) {
      return now.spec().undo() || nothingIsLeft(now)
          ? Optional.empty()
          : revert(
              now,
              RolloutPhase.ABORTED,
              "the spec names " + wanted + " again, which is the stable version");
    }
    return now.switched()
        ? Optional.empty()
        : revert(now, RolloutPhase.SUPERSEDED, "the spec names " + wanted + " now");
  }

  // Then the promotion is brought to its end, and the way back is a release like any other.
  private static boolean nothingIsLeft(Situation now) {
    return now.switched() && now.facts().fallback().answering() == 0;
  }

  private static Optional<Step> revert(Situation now, RolloutPhase ending, String why) {
    return Optional.of(WayBack.revert(now, ending, new Finding("Manual", why, List.of(BY_SPEC))));
  }
}
