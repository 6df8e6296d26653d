// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout.machine;

import dev.weir.analysis.Verdict;
import dev.weir.control.rollout.machine.RolloutDecision.Finding;
import dev.weir.control.rollout.machine.RolloutDecision.NoChange;
import dev.weir.control.rollout.machine.RolloutDecision.Transition;
import dev.weir.control.rollout.machine.RolloutFacts.Trouble;
import dev.weir.model.release.Stages;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.FailedRelease;
import dev.weir.model.status.ServiceStatus.StableVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The rollback of a release, from the decision until no replica of the new version is left.
///
/// Routing changes first: the stored weight is published, and replicas follow. If the old version
/// kept its replicas, all traffic returns to it at once. If new replicas took the slots of old
/// ones, each old replica gets at most twice its share at the start, and old replicas start while
/// new ones stop. Half of the old replicas can carry all traffic at once.
public final class Rollback {
  private static final int MOST_FAILED = 20;

  private Rollback() {}

  // ---- decisions -------------------------------------------------------------------------------

  static Optional<RolloutDecision> guarded(RolloutContext context) {
    return context.status().ending().isPresent()
        ? Optional.empty()
        : context.facts().canary().trouble().map(trouble -> guard(context, trouble));
  }

  static RolloutDecision guard(RolloutContext context, Trouble trouble) {
    String reason = trouble.guard() + ": " + trouble.detail();
    return revert(
        context, RolloutPhase.ROLLED_BACK, new Finding("Guard", reason, List.of(trouble.guard())));
  }

  /// The decision after proven harm.
  static Optional<RolloutDecision> proven(RolloutContext context) {
    return context
        .facts()
        .verdict()
        .filter(Verdict.Revert.class::isInstance)
        .map(Verdict.Revert.class::cast)
        .map(harm -> revert(context, RolloutPhase.ROLLED_BACK, harm(harm)));
  }

  private static Finding harm(Verdict.Revert harm) {
    List<String> crossed = NumberText.names(harm.crossed());
    return new Finding(
        "Revert",
        "%s is worse than tolerated: log e %.2f of %.2f"
            .formatted(NumberText.join(crossed), harm.logE(), harm.threshold()),
        crossed);
  }

  /// No decision was made in time, so the new version is removed.
  public static RolloutDecision revertUndecided(RolloutContext context, String why) {
    String reason = "%s for %s".formatted(why, NumberText.span(context.spec().release().maxWait()));
    return revert(context, RolloutPhase.ABORTED, new Finding("Guard", reason, List.of("maxWait")));
  }

  static RolloutDecision revert(RolloutContext context, RolloutPhase ending, Finding finding) {
    // After the switch, only a rollback starts the old version again.
    boolean lost = context.switched() && context.facts().canary().answering() == 0;
    return context.serves()
            && context.facts().fallback().answering() == 0
            && !lost
            && !replaces(context)
        ? withoutTarget(context, ending, finding)
        : atOnce(context, ending, finding);
  }

  /// Rolls back even if no replica of the old version answers.
  static RolloutDecision atOnce(RolloutContext context, RolloutPhase ending, Finding finding) {
    return new Transition(
        back(context, ending, finding.decidedBy()).message("reverting: " + finding.reason()),
        context.switched() ? Optional.of(stableAgain(context)) : Optional.empty(),
        finding.reason(),
        Optional.of(finding));
  }

  private static RolloutDecision withoutTarget(
      RolloutContext context, RolloutPhase ending, Finding finding) {
    String alarm =
        "ALARM: to be reverted (%s), but %s has no ready replica to go back to; %s keeps serving"
            .formatted(finding.reason(), context.spec().from(), context.spec().to());
    RolloutStatus status = context.status();
    boolean paused = status.phase() == RolloutPhase.PAUSED;
    if (context.switched() && context.overdue(context.facts().limits().stopping())) {
      return StageProgression.emptying(context);
    }
    if (context.switched() || (paused && status.ending().isPresent())) {
      return new NoChange(alarm);
    }
    StatusBuilder draft = context.draft();
    if (!paused) {
      draft.phase(RolloutPhase.PAUSED).pausedFrom(Optional.of(status.phase()));
    }
    return new Transition(
        draft.ending(Optional.of(ending)).decidedBy(finding.decidedBy()).message(alarm),
        Optional.empty(),
        alarm,
        Optional.of(finding));
  }

  static StatusBuilder back(RolloutContext context, RolloutPhase ending, List<String> decidedBy) {
    boolean glass = decidedBy.contains(RolloutStatus.BREAK_GLASS);
    return context
        .draft()
        .phase(RolloutPhase.ROLLING_BACK)
        .weight(glass ? 0 : weight(context))
        .pausedFrom(Optional.empty())
        .ending(Optional.of(ending))
        .decidedBy(decidedBy)
        .revertDecided();
  }

  private static ServiceStatus stableAgain(RolloutContext context) {
    return context
        .service()
        .status()
        .withStable(new StableVersion(context.spec().from(), context.spec().specRevision()))
        .withMessage("reverting to " + context.spec().from());
  }

  // ---- the weight during a rollback
  // ----------------------------------------------------------------

  /// Whether new replicas use the slots of old ones, which must start first.
  private static boolean replaces(RolloutContext context) {
    return !context.switched() && Stages.maxSurplus(context.spec()).isPresent();
  }

  /// The share of traffic that the answering old replicas cannot carry yet, in percent.
  private static double weight(RolloutContext context) {
    int all = context.spec().scale().replicas();
    int answering = context.facts().fallback().answering();
    if (!replaces(context) || all == 1 || 2 * answering >= all) {
      return 0;
    }
    double rest = 100 - Math.floor(200.0 * answering / all);
    return Math.min(context.status().weight(), rest);
  }

  // ---- afterwards
  // --------------------------------------------------------------------------------

  /// A rollback has two ends. `revertedAt` is the time when every relevant gateway serves weight 0:
  /// from then on the version gets no new request. The phase ends later, when its replicas have
  /// stopped and usually have freed their accelerators for the next release. Long responses are not
  /// waited for, because they would delay the release that fixes the problem. Remaining replicas
  /// drain without the rollout.
  static RolloutDecision next(RolloutContext context) {
    if (context.status().weight() > 0) {
      return returning(context);
    }
    return context
        .status()
        .revertedAt()
        .map(at -> draining(context, at))
        .orElseGet(() -> routing(context));
  }

  private static RolloutDecision returning(RolloutContext context) {
    int answering = context.facts().fallback().answering();
    boolean late = context.overdue(context.facts().limits().stopping()) && answering > 0;
    double weight = late ? 0 : weight(context);
    String stand =
        "%d of %d replicas of %s are back"
            .formatted(answering, context.spec().scale().replicas(), context.spec().from());
    if (weight < context.status().weight()) {
      return context.transition(
          context.draft().weight(weight),
          "reverting: %s; %s keeps %s %%"
              .formatted(stand, context.spec().to(), NumberText.number(weight)));
    }
    return new NoChange("reverting: " + stand);
  }

  private static RolloutDecision routing(RolloutContext context) {
    RolloutFacts.Routing routing = context.facts().routing();
    boolean settled = routing.settled();
    if (!settled && !context.overdue(context.facts().limits().stopping())) {
      return new NoChange("reverting: " + context.waitingForGateways());
    }
    String unheard =
        routing.givenUp().isEmpty() && settled
            ? ""
            : " (not heard: %s; their lease has ended)"
                .formatted(NumberText.join(settled ? routing.givenUp() : routing.waitingFor()));
    return new Transition(
        context
            .draft()
            .reverted()
            .message("no gateway routes to " + context.spec().to() + " any more" + unheard),
        Optional.empty(),
        "routing is reverted" + unheard,
        Optional.empty());
  }

  private static RolloutDecision draining(RolloutContext context, Instant reverted) {
    RolloutFacts.Limits limits = context.facts().limits();
    int left = context.facts().canary().present();
    var patience = replaces(context) ? limits.stopping() : limits.draining();
    if (left > 0 && !context.passed(reverted, patience)) {
      return new NoChange(
          "reverted; draining and stopping %d replicas of %s".formatted(left, context.spec().to()));
    }
    return over(context, left);
  }

  private static RolloutDecision over(RolloutContext context, int left) {
    RolloutStatus status = context.status();
    RolloutPhase ending = status.ending().orElse(RolloutPhase.ROLLED_BACK);
    boolean failed =
        ending == RolloutPhase.ROLLED_BACK
            || (ending == RolloutPhase.ABORTED
                && !status.decidedBy().contains(SpecChangeCheck.BY_SPEC));
    List<FailedRelease> failures =
        failed
            ? List.of(
                new FailedRelease(
                    context.spec().to(),
                    context.spec().specHash(),
                    context.rollout().metadata().name()))
            : List.of();
    String message =
        ending.text()
            + ": "
            + context.spec().from()
            + " serves"
            + (status.decidedBy().isEmpty()
                ? ""
                : ", decided by " + NumberText.join(status.decidedBy()))
            + (left == 0
                ? ""
                : "; %d replicas of %s are still there".formatted(left, context.spec().to()));
    return new Transition(
        context.draft().phase(ending).message(message),
        Optional.of(ended(context, failures, message)),
        message,
        Optional.empty());
  }

  static ServiceStatus ended(RolloutContext context, List<FailedRelease> failures, String message) {
    List<FailedRelease> failed = new ArrayList<>(context.service().status().failed());
    failed.addAll(failures);
    int surplus = Math.max(0, failed.size() - MOST_FAILED);
    return context
        .service()
        .status()
        .withRollout(Optional.empty())
        .withFailed(failed.subList(surplus, failed.size()))
        .withMessage(message);
  }
}
