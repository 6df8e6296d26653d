// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.rollout.Step.Finding;
import dev.weir.control.rollout.Step.Move;
import dev.weir.control.rollout.Step.Stay;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.RolloutStatus;
import dev.weir.model.RolloutStatus.Overridden;
import dev.weir.model.Service;
import java.util.List;
import java.util.Optional;

/// What people may ask of a rollout.
final class ByHand {
  static final String BY_HAND = "manual";

  private ByHand() {}

  /// Holds the weight where it is. Guards and proven harm still revert.
  static Step pause(Rollout rollout, Service service, Facts facts, String reason) {
    Situation now = Situation.of(rollout, service, facts);
    if (now.spec().undo()) {
      return refused(now, "paused");
    }
    return switch (now.status().phase()) {
      case PROVISIONING, PROGRESSING ->
          now.move(
              now.draft()
                  .phase(RolloutPhase.PAUSED)
                  .unpassed()
                  .pausedFrom(Optional.of(now.status().phase())),
              said("paused", reason),
              finding("paused", reason));
      case PENDING, PAUSED, PROMOTING, ROLLING_BACK -> refused(now, "paused");
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> refused(now, "paused");
    };
  }

  /// Goes on where it was paused; the step's time and its proof of safety begin anew, unless the
  /// step was passed already and only its gate was shut.
  static Step resume(Rollout rollout, Service service, Facts facts, String reason) {
    Situation now = Situation.of(rollout, service, facts);
    if (now.status().phase() != RolloutPhase.PAUSED) {
      return refused(now, "resumed");
    }
    if (now.status().ending().isPresent()) {
      return owesRevert(now);
    }
    RolloutPhase to = now.status().pausedFrom().orElse(RolloutPhase.PROGRESSING);
    if (to == RolloutPhase.PROGRESSING && now.status().passedAt().isPresent()) {
      return go(now, "resumed", reason);
    }
    StatusDraft draft = now.draft().phase(to).pausedFrom(Optional.empty());
    if (to == RolloutPhase.PROGRESSING) {
      draft.stepAgain();
    }
    return now.move(draft, said("resumed", reason), finding("resumed", reason));
  }

  /// Skips to the next step, or promotes after the last.
  static Step promote(Rollout rollout, Service service, Facts facts, String reason) {
    Situation now = Situation.of(rollout, service, facts);
    return runs(now) ? go(now, "promoted", reason) : refused(now, "promoted");
  }

  /// Reverts; the version is not tried again until the spec changes or somebody says retry.
  static Step abort(Rollout rollout, Service service, Facts facts, String reason) {
    Situation now = Situation.of(rollout, service, facts);
    return switch (now.status().phase()) {
      case PENDING, PROVISIONING, PROGRESSING, PAUSED, PROMOTING ->
          WayBack.revert(now, RolloutPhase.ABORTED, finding("aborted", reason));
      case ROLLING_BACK -> refused(now, "aborted");
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> refused(now, "aborted");
    };
  }

  /// Reverts even where nothing is left to go back to, and everything at once.
  static Step abortNow(Rollout rollout, Service service, Facts facts, String reason) {
    Situation now = Situation.of(rollout, service, facts);
    RolloutPhase phase = now.status().phase();
    return phase.terminal() || phase == RolloutPhase.ROLLING_BACK
        ? refused(now, "aborted")
        : WayBack.atOnce(
            now,
            RolloutPhase.ABORTED,
            new Finding(
                "Manual",
                said("aborted at once", reason),
                List.of(BY_HAND, RolloutStatus.BREAK_GLASS)));
  }

  /// Lets guard rails hold it no more; nothing else changes.
  static Step override(Rollout rollout, Facts facts, Overridden how) {
    return switch (rollout.status().phase()) {
      case PENDING, PROVISIONING, PROGRESSING, PAUSED -> overridden(rollout, facts, how);
      case PROMOTING, ROLLING_BACK, COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED ->
          new Stay(
              "rollout %s is %s, which no guard rail holds"
                  .formatted(rollout.metadata().name(), rollout.status().phase().text()));
    };
  }

  private static Step overridden(Rollout rollout, Facts facts, Overridden how) {
    String until = how.until().map(end -> " until " + end).orElse("");
    Finding finding = finding("guard rails overridden" + until, how.reason());
    return new Move(
        StatusDraft.of(rollout.status(), facts.now())
            .overridden(how)
            .message(rollout.status().message()),
        Optional.empty(),
        finding.reason(),
        Optional.of(finding));
  }

  private static boolean runs(Situation now) {
    return switch (now.status().phase()) {
      case PROGRESSING -> now.status().fillingSince().isEmpty();
      case PAUSED -> now.status().pausedFrom().equals(Optional.of(RolloutPhase.PROGRESSING));
      case PROMOTING -> !now.switched();
      case PENDING, PROVISIONING, ROLLING_BACK -> false;
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> false;
    };
  }

  private static Step go(Situation now, String what, String reason) {
    if (now.status().ending().isPresent()) {
      return owesRevert(now);
    }
    if (now.facts().canary().answering() == 0) {
      return new Stay(now.spec().to() + " has no ready replica");
    }
    return Forward.next(now, Optional.of(finding(what, reason)), said(what, reason));
  }

  private static Stay owesRevert(Situation now) {
    return new Stay("a revert is decided and waits for a ready replica of " + now.spec().from());
  }

  private static Stay refused(Situation now, String what) {
    return new Stay(
        "rollout %s is %s and cannot be %s"
            .formatted(now.rollout().metadata().name(), now.status().phase().text(), what));
  }

  private static String said(String what, String reason) {
    return what + " by hand" + (reason.isEmpty() ? "" : ": " + reason);
  }

  static Finding finding(String what, String reason) {
    return new Finding("Manual", said(what, reason), List.of(BY_HAND));
  }
}
