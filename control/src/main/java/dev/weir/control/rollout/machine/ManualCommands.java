// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout.machine;

import dev.weir.control.rollout.machine.RolloutDecision.Finding;
import dev.weir.control.rollout.machine.RolloutDecision.NoChange;
import dev.weir.control.rollout.machine.RolloutDecision.Transition;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.RolloutStatus.Overridden;
import java.util.List;
import java.util.Optional;

/// Operators' commands to a rollout.
public final class ManualCommands {
  static final String BY_HAND = "manual";

  private ManualCommands() {}

  /// Keeps the current weight. Guards and proven harm still cause a rollback.
  public static RolloutDecision pause(
      Rollout rollout, Service service, RolloutFacts facts, String reason) {
    RolloutContext context = RolloutContext.of(rollout, service, facts);
    if (context.spec().undo()) {
      return refused(context, "paused");
    }
    return switch (context.status().phase()) {
      case PROVISIONING, PROGRESSING ->
          context.transition(
              context
                  .draft()
                  .phase(RolloutPhase.PAUSED)
                  .unpassed()
                  .pausedFrom(Optional.of(context.status().phase())),
              message("paused", reason),
              finding("paused", reason));
      case PENDING, PAUSED, PROMOTING, ROLLING_BACK -> refused(context, "paused");
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> refused(context, "paused");
    };
  }

  /// Continues after a pause. The time of the step restarts, and so does the time limit of a ramp,
  /// unless the step had already passed. Safety evidence restarts if each step has its own proof.
  public static RolloutDecision resume(
      Rollout rollout, Service service, RolloutFacts facts, String reason) {
    RolloutContext context = RolloutContext.of(rollout, service, facts);
    if (context.status().phase() != RolloutPhase.PAUSED) {
      return refused(context, "resumed");
    }
    if (context.status().ending().isPresent()) {
      return revertFirst(context);
    }
    RolloutPhase to = context.status().pausedFrom().orElse(RolloutPhase.PROGRESSING);
    if (to == RolloutPhase.PROGRESSING && context.status().passedAt().isPresent()) {
      return go(context, "resumed", reason);
    }
    StatusBuilder draft = context.draft().phase(to).pausedFrom(Optional.empty());
    if (to == RolloutPhase.PROGRESSING) {
      draft.stepAgain();
    }
    return context.transition(draft, message("resumed", reason), finding("resumed", reason));
  }

  /// Skips to the next step, or promotes after the last.
  public static RolloutDecision promote(
      Rollout rollout, Service service, RolloutFacts facts, String reason) {
    RolloutContext context = RolloutContext.of(rollout, service, facts);
    return runs(context) ? go(context, "promoted", reason) : refused(context, "promoted");
  }

  /// Rolls back. The version is not released again until the spec changes or an operator retries
  /// it.
  public static RolloutDecision abort(
      Rollout rollout, Service service, RolloutFacts facts, String reason) {
    RolloutContext context = RolloutContext.of(rollout, service, facts);
    return switch (context.status().phase()) {
      case PENDING, PROVISIONING, PROGRESSING, PAUSED, PROMOTING ->
          Rollback.revert(context, RolloutPhase.ABORTED, finding("aborted", reason));
      case ROLLING_BACK -> refused(context, "aborted");
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> refused(context, "aborted");
    };
  }

  /// Rolls back immediately and completely, even if no replica of the old version answers.
  public static RolloutDecision abortNow(
      Rollout rollout, Service service, RolloutFacts facts, String reason) {
    RolloutContext context = RolloutContext.of(rollout, service, facts);
    RolloutPhase phase = context.status().phase();
    return phase.terminal() || phase == RolloutPhase.ROLLING_BACK
        ? refused(context, "aborted")
        : Rollback.atOnce(
            context,
            RolloutPhase.ABORTED,
            new Finding(
                "Manual",
                message("aborted at once", reason),
                List.of(BY_HAND, RolloutStatus.BREAK_GLASS)));
  }

  /// Bypasses guard rails; nothing else changes.
  public static RolloutDecision override(Rollout rollout, RolloutFacts facts, Overridden how) {
    return switch (rollout.status().phase()) {
      case PENDING, PROVISIONING, PROGRESSING, PAUSED -> overridden(rollout, facts, how);
      case PROMOTING, ROLLING_BACK, COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED ->
          new NoChange(
              "rollout %s is %s, which no guard rail holds"
                  .formatted(rollout.metadata().name(), rollout.status().phase().text()));
    };
  }

  private static RolloutDecision overridden(Rollout rollout, RolloutFacts facts, Overridden how) {
    String until = how.until().map(end -> " until " + end).orElse("");
    Finding finding = finding("guard rails overridden" + until, how.reason());
    return new Transition(
        StatusBuilder.of(rollout.status(), facts.now())
            .overridden(how)
            .message(rollout.status().message()),
        Optional.empty(),
        finding.reason(),
        Optional.of(finding));
  }

  private static boolean runs(RolloutContext context) {
    return switch (context.status().phase()) {
      case PROGRESSING -> context.status().fillingSince().isEmpty();
      case PAUSED -> context.status().pausedFrom().equals(Optional.of(RolloutPhase.PROGRESSING));
      case PROMOTING -> !context.switched();
      case PENDING, PROVISIONING, ROLLING_BACK -> false;
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> false;
    };
  }

  private static RolloutDecision go(RolloutContext context, String what, String reason) {
    if (context.status().ending().isPresent()) {
      return revertFirst(context);
    }
    if (context.facts().canary().answering() == 0) {
      return new NoChange(context.spec().to() + " has no ready replica");
    }
    return StageProgression.next(
        context, Optional.of(finding(what, reason)), message(what, reason));
  }

  private static NoChange revertFirst(RolloutContext context) {
    return new NoChange(
        "a revert is decided and waits for a ready replica of " + context.spec().from());
  }

  private static NoChange refused(RolloutContext context, String what) {
    return new NoChange(
        "rollout %s is %s and cannot be %s"
            .formatted(context.rollout().metadata().name(), context.status().phase().text(), what));
  }

  private static String message(String what, String reason) {
    return what + " manually" + (reason.isEmpty() ? "" : ": " + reason);
  }

  static Finding finding(String what, String reason) {
    return new Finding("Manual", message(what, reason), List.of(BY_HAND));
  }
}
