// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.analysis.Verdict;
import dev.weir.control.rollout.Facts.Trouble;
import dev.weir.control.rollout.Step.Finding;
import dev.weir.control.rollout.Step.Move;
import dev.weir.control.rollout.Step.Stay;
import dev.weir.model.RolloutPhase;
import dev.weir.model.RolloutStatus;
import dev.weir.model.ServiceStatus;
import dev.weir.model.ServiceStatus.FailedRelease;
import dev.weir.model.ServiceStatus.StableVersion;
import dev.weir.model.release.Stages;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The way of a release back: from the decision until nothing of the new version is left.
///
/// Routing first: the weight that is stored is published next; replicas come after that. Where the
/// old version has kept its replicas, everything goes back to it at once. Where new replicas took
/// the places of old ones, each old replica is given at most twice the share that it had at the
/// start, and old ones come back while new ones go: half of the old ones carry everything at once.
final class WayBack {
  private static final int MOST_FAILED = 20;

  private WayBack() {}

  // ---- decisions -------------------------------------------------------------------------------

  static Optional<Step> guarded(Situation now) {
    return now.status().ending().isPresent()
        ? Optional.empty()
        : now.facts().canary().trouble().map(trouble -> guard(now, trouble));
  }

  static Step guard(Situation now, Trouble trouble) {
    String reason = trouble.guard() + ": " + trouble.detail();
    return revert(
        now, RolloutPhase.ROLLED_BACK, new Finding("Guard", reason, List.of(trouble.guard())));
  }

  /// What follows from proven harm.
  static Optional<Step> proven(Situation now) {
    return now.facts()
        .verdict()
        .filter(Verdict.Revert.class::isInstance)
        .map(Verdict.Revert.class::cast)
        .map(harm -> revert(now, RolloutPhase.ROLLED_BACK, harm(harm)));
  }

  private static Finding harm(Verdict.Revert harm) {
    List<String> crossed = Texts.names(harm.crossed());
    return new Finding(
        "Revert",
        "%s is worse than tolerated: log e %.2f of %.2f"
            .formatted(Texts.join(crossed), harm.logE(), harm.threshold()),
        crossed);
  }

  /// Nobody decided in time, so nothing new is kept.
  static Step giveUp(Situation now, String why) {
    String reason = "%s for %s".formatted(why, Texts.span(now.spec().release().maxWait()));
    return revert(now, RolloutPhase.ABORTED, new Finding("Guard", reason, List.of("maxWait")));
  }

  static Step revert(Situation now, RolloutPhase ending, Finding finding) {
    // After the switch the old version comes up again only by going back.
    boolean lost = now.switched() && now.facts().canary().answering() == 0;
    return now.serves() && now.facts().fallback().answering() == 0 && !lost && !replaces(now)
        ? withoutTarget(now, ending, finding)
        : atOnce(now, ending, finding);
  }

  /// Reverts even where nothing is left to go back to.
  static Step atOnce(Situation now, RolloutPhase ending, Finding finding) {
    return new Move(
        back(now, ending, finding.decidedBy()).message("reverting: " + finding.reason()),
        now.switched() ? Optional.of(stableAgain(now)) : Optional.empty(),
        finding.reason(),
        Optional.of(finding));
  }

  private static Step withoutTarget(Situation now, RolloutPhase ending, Finding finding) {
    String alarm =
        "ALARM: to be reverted (%s), but %s has no ready replica to go back to; %s keeps serving"
            .formatted(finding.reason(), now.spec().from(), now.spec().to());
    RolloutStatus status = now.status();
    boolean paused = status.phase() == RolloutPhase.PAUSED;
    if (now.switched() && now.overdue(now.facts().limits().stopping())) {
      return Forward.emptying(now);
    }
    if (now.switched() || (paused && status.ending().isPresent())) {
      return new Stay(alarm);
    }
    StatusDraft draft = now.draft();
    if (!paused) {
      draft.phase(RolloutPhase.PAUSED).pausedFrom(Optional.of(status.phase()));
    }
    return new Move(
        draft.ending(Optional.of(ending)).decidedBy(finding.decidedBy()).message(alarm),
        Optional.empty(),
        alarm,
        Optional.of(finding));
  }

  static StatusDraft back(Situation now, RolloutPhase ending, List<String> decidedBy) {
    boolean glass = decidedBy.contains(RolloutStatus.BREAK_GLASS);
    return now.draft()
        .phase(RolloutPhase.ROLLING_BACK)
        .weight(glass ? 0 : weight(now))
        .pausedFrom(Optional.empty())
        .ending(Optional.of(ending))
        .decidedBy(decidedBy)
        .revertDecided();
  }

  private static ServiceStatus stableAgain(Situation now) {
    return now.service()
        .status()
        .withStable(new StableVersion(now.spec().from(), now.spec().specRevision()))
        .withMessage("reverting to " + now.spec().from());
  }

  // ---- the weight on the way back
  // ----------------------------------------------------------------

  /// Whether new replicas stand in the places of old ones, which must come back first.
  private static boolean replaces(Situation now) {
    return !now.switched() && Stages.surplus(now.spec()).isPresent();
  }

  /// What the old replicas that answer cannot carry yet, in percent.
  private static double weight(Situation now) {
    int all = now.spec().scale().replicas();
    int answering = now.facts().fallback().answering();
    if (!replaces(now) || all == 1 || 2 * answering >= all) {
      return 0;
    }
    double rest = 100 - Math.floor(200.0 * answering / all);
    return Math.min(now.status().weight(), rest);
  }

  // ---- afterwards
  // --------------------------------------------------------------------------------

  /// A revert has two ends. `revertedAt` is when every gateway that counts serves weight 0: from
  /// then on no new request goes to the version, whatever still runs on its replicas. The phase
  /// ends a little later, when those replicas are gone, so that usually their accelerators are free
  /// for the next release; but long answers are not waited for here, or they would hold up the
  /// release that mends what was reverted. What is left goes on draining without the rollout.
  static Step next(Situation now) {
    if (now.status().weight() > 0) {
      return returning(now);
    }
    return now.status().revertedAt().map(at -> draining(now, at)).orElseGet(() -> routing(now));
  }

  private static Step returning(Situation now) {
    int answering = now.facts().fallback().answering();
    boolean late = now.overdue(now.facts().limits().stopping()) && answering > 0;
    double weight = late ? 0 : weight(now);
    String stand =
        "%d of %d replicas of %s are back"
            .formatted(answering, now.spec().scale().replicas(), now.spec().from());
    if (weight < now.status().weight()) {
      return now.move(
          now.draft().weight(weight),
          "reverting: %s; %s keeps %s %%".formatted(stand, now.spec().to(), Texts.number(weight)));
    }
    return new Stay("reverting: " + stand);
  }

  private static Step routing(Situation now) {
    Facts.Routing routing = now.facts().routing();
    boolean settled = routing.settled();
    if (!settled && !now.overdue(now.facts().limits().stopping())) {
      return new Stay("reverting: " + now.waitingForGateways());
    }
    String unheard =
        routing.givenUp().isEmpty() && settled
            ? ""
            : " (not heard: %s; their lease has ended)"
                .formatted(Texts.join(settled ? routing.givenUp() : routing.waitingFor()));
    return new Move(
        now.draft()
            .reverted()
            .message("no gateway routes to " + now.spec().to() + " any more" + unheard),
        Optional.empty(),
        "routing is reverted" + unheard,
        Optional.empty());
  }

  private static Step draining(Situation now, Instant reverted) {
    Facts.Limits limits = now.facts().limits();
    int left = now.facts().canary().present();
    var patience = replaces(now) ? limits.stopping() : limits.draining();
    if (left > 0 && !now.passed(reverted, patience)) {
      return new Stay(
          "reverted; draining and stopping %d replicas of %s".formatted(left, now.spec().to()));
    }
    return over(now, left);
  }

  private static Step over(Situation now, int left) {
    RolloutStatus status = now.status();
    RolloutPhase ending = status.ending().orElse(RolloutPhase.ROLLED_BACK);
    boolean failed =
        ending == RolloutPhase.ROLLED_BACK
            || (ending == RolloutPhase.ABORTED && !status.decidedBy().contains(Wish.BY_SPEC));
    List<FailedRelease> failures =
        failed
            ? List.of(
                new FailedRelease(
                    now.spec().to(), now.spec().specHash(), now.rollout().metadata().name()))
            : List.of();
    String message =
        ending.text()
            + ": "
            + now.spec().from()
            + " serves"
            + (status.decidedBy().isEmpty() ? "" : ", decided by " + Texts.join(status.decidedBy()))
            + (left == 0
                ? ""
                : "; %d replicas of %s are still there".formatted(left, now.spec().to()));
    return new Move(
        now.draft().phase(ending).message(message),
        Optional.of(ended(now, failures, message)),
        message,
        Optional.empty());
  }

  static ServiceStatus ended(Situation now, List<FailedRelease> failures, String message) {
    List<FailedRelease> failed = new ArrayList<>(now.service().status().failed());
    failed.addAll(failures);
    int surplus = Math.max(0, failed.size() - MOST_FAILED);
    return now.service()
        .status()
        .withRollout(Optional.empty())
        .withFailed(failed.subList(surplus, failed.size()))
        .withMessage(message);
  }
}
