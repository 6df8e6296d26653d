// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.analysis.Verdict;
import dev.weir.control.rollout.Facts.Group;
import dev.weir.control.rollout.Facts.Trouble;
import dev.weir.control.rollout.Step.Finding;
import dev.weir.control.rollout.Step.Move;
import dev.weir.control.rollout.Step.Stay;
import dev.weir.model.ReleaseSpec.OnInconclusive;
import dev.weir.model.RolloutPhase;
import dev.weir.model.ServiceStatus.StableVersion;
import dev.weir.model.release.Stage;
import dev.weir.model.release.Stage.Proof;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The way of a release forward: replicas, one stage after the other, promotion.
final class Forward {
  private static final List<String> BY_TIME = List.of("time");

  private Forward() {}

  static Step pending(Situation now) {
    if (now.facts().startupTimeout().isPresent()) {
      return now.move(
          now.draft().phase(RolloutPhase.PROVISIONING), "starting replicas of " + now.spec().to());
    }
    String missing = "there is no ModelVersion " + now.spec().to();
    return now.overdue(now.facts().limits().acknowledgement())
        ? WayBack.guard(now, new Trouble("model not loaded", missing))
        : new Stay("waiting: " + missing);
  }

  static Step provisioning(Situation now) {
    if (now.facts().canary().complete()) {
      return next(now, Optional.empty(), "replicas of " + now.spec().to() + " are ready");
    }
    return waitForReplicas(now, now.status().phaseSince());
  }

  /// Whether the stage that runs is passed, harm is done, or neither yet.
  static Step going(Situation now) {
    if (now.switched()) {
      return emptying(now);
    }
    Optional<Step> harm = WayBack.proven(now);
    if (harm.isPresent()) {
      return harm.get();
    }
    if (now.status().fillingSince().isPresent()) {
      return now.facts().canary().complete()
          ? enter(now, Optional.empty(), "the replicas of the next step are ready")
          : waitForReplicas(now, now.status().fillingSince());
    }
    return now.status().passedAt().isPresent() ? waitOut(now) : judge(now);
  }

  private static Step waitForReplicas(Situation now, Optional<Instant> since) {
    Group canary = now.facts().canary();
    Duration allowed =
        now.facts()
            .startupTimeout()
            .orElse(Duration.ZERO)
            .plus(now.facts().limits().startupMargin());
    String stand =
        "%d of %d replicas of %s ready%s"
            .formatted(
                canary.ready(), canary.wanted(), now.spec().to(), inBrackets(canary.detail()));
    if (!now.facts().adopting() && now.passed(since.orElse(now.facts().now()), allowed)) {
      return WayBack.guard(
          now, new Trouble("not started", "the canary did not become ready: " + stand));
    }
    return new Stay("waiting for replicas: " + stand);
  }

  // ---- the stage that runs ---------------------------------------------------------------------

  private static Step judge(Situation now) {
    Optional<Stage> stage = now.stage();
    if (stage.isEmpty()) {
      // What was stored by a program that knew other stages: the rest of the way is as if it had
      // been gone.
      return promoteFully(now, Optional.empty(), "no step is left");
    }
    return stage.get().proof() == Proof.PROVE ? byProof(now) : byTime(now, stage.get());
  }

  private static Step byProof(Situation now) {
    Facts facts = now.facts();
    if (facts.verdict().isEmpty()) {
      return new Stay(now.at() + ": " + now.waitingForGateways());
    }
    return switch (facts.verdict().get()) {
      case Verdict.Promote promote -> proven(now, Texts.names(promote.provenBy()));
      case Verdict.Revert _ -> new Stay(now.at());
      case Verdict.Inconclusive inconclusive -> inconclusive(now, inconclusive);
      case Verdict.Hold hold ->
          new Stay(now.at() + ": held, " + Texts.join(hold.reasons()) + soFar(facts));
      case Verdict.Continue on ->
          new Stay(now.at() + soFar(facts) + "; waiting for " + Texts.join(on.waitingFor()));
    };
  }

  private static Step proven(Situation now, List<String> provenBy) {
    String reason = now.at() + " passed: " + Texts.join(provenBy) + " within their margins";
    return passed(now, new Finding("Promote", reason, provenBy));
  }

  private static Step byTime(Situation now, Stage stage) {
    if (!now.facts().routing().settled()
        && !now.passed(now.stepSince(), now.facts().limits().acknowledgement())) {
      return new Stay(now.at() + ": " + now.waitingForGateways());
    }
    Optional<Step> held = held(now, stage);
    if (held.isPresent()) {
      return held.get();
    }
    if (waits(now, stage)) {
      return new Stay(now.at() + soFar(now.facts()) + "; " + until(now, stage));
    }
    String reason =
        stage.proof() == Proof.WATCH
            ? now.at() + ": nothing was held against it"
            : now.at() + " is over; it was not analysed";
    return passed(
        now,
        now.spec().undo()
            ? ByHand.finding("undone", reason)
            : new Finding("Promote", reason, BY_TIME));
  }

  /// A metric that only holds, or arms that cannot be compared, keep a watched stage where it is,
  /// but not for ever.
  private static Optional<Step> held(Situation now, Stage stage) {
    return now.facts()
        .verdict()
        .filter(_ -> stage.proof() == Proof.WATCH && !waits(now, stage))
        .filter(Verdict.Hold.class::isInstance)
        .map(Verdict.Hold.class::cast)
        .map(hold -> heldBy(now, Texts.join(hold.reasons())));
  }

  private static Step heldBy(Situation now, String reasons) {
    return now.passed(now.stepSince(), now.spec().release().maxWait())
        ? WayBack.giveUp(now, "held by " + reasons)
        : new Stay(now.at() + ": held, " + reasons + soFar(now.facts()));
  }

  private static boolean waits(Situation now, Stage stage) {
    return now.facts().now().isBefore(now.stepSince().plus(stage.atLeast()));
  }

  private static String until(Situation now, Stage stage) {
    return "lasts until " + Texts.time(now.stepSince().plus(stage.atLeast()));
  }

  // ---- from one stage to the next
  // ----------------------------------------------------------------

  private static Step passed(Situation now, Finding finding) {
    Stage stage = now.stage().orElseThrow();
    if (stage.gate() && !waits(now, stage)) {
      return atTheGate(now, finding);
    }
    return waits(now, stage)
        ? now.move(now.draft().passed(), finding.reason() + "; " + until(now, stage), finding)
        : onward(now, Optional.of(finding), finding.reason());
  }

  private static Step waitOut(Situation now) {
    Stage stage = now.stage().orElseThrow();
    if (waits(now, stage)) {
      return new Stay(now.status().message());
    }
    String reason = now.at() + " has lasted long enough";
    return stage.gate()
        ? atTheGate(now, new Finding("Promote", reason, BY_TIME))
        : onward(now, Optional.empty(), reason);
  }

  /// More requests come only where all replicas are ready. One that is not for long is a guard.
  private static Step onward(Situation now, Optional<Finding> finding, String reason) {
    Group canary = now.facts().canary();
    return canary.complete()
        ? next(now, finding, reason)
        : new Stay(
            "%s; waiting, %d of %d replicas ready%s"
                .formatted(reason, canary.ready(), canary.wanted(), inBrackets(canary.detail())));
  }

  private static Step atTheGate(Situation now, Finding finding) {
    StatusDraft draft =
        now.draft()
            .phase(RolloutPhase.PAUSED)
            .pausedFrom(Optional.of(RolloutPhase.PROGRESSING))
            .passed();
    String message =
        "%s; at the gate: somebody must say `weir rollout promote %s`, or it is given up at %s"
            .formatted(
                finding.reason(),
                now.spec().service(),
                Texts.time(now.facts().now().plus(now.spec().release().maxWait())));
    return now.move(draft, message, finding);
  }

  private static Step inconclusive(Situation now, Verdict.Inconclusive verdict) {
    Finding finding = new Finding("Inconclusive", verdict.reason(), List.of("maxStepDuration"));
    if (now.spec().release().analysis().onInconclusive() == OnInconclusive.ROLLBACK) {
      return WayBack.revert(now, RolloutPhase.ROLLED_BACK, finding);
    }
    return new Move(
        now.draft()
            .phase(RolloutPhase.PAUSED)
            .pausedFrom(Optional.of(RolloutPhase.PROGRESSING))
            .message(now.at() + ": paused, inconclusive: " + verdict.reason()),
        Optional.empty(),
        "inconclusive: " + verdict.reason(),
        Optional.of(finding));
  }

  /// The stage after this one, or the promotion after the last. Replicas come before requests.
  static Step next(Situation now, Optional<Finding> finding, String reason) {
    int step = now.status().step() + 1;
    Optional<Stage> next = now.stage(step);
    if (next.isEmpty()) {
      return promoteFully(now, finding, reason);
    }
    boolean sameReplicas =
        now.stage()
            .map(stage -> stage.fresh() == next.get().fresh() && stage.old() == next.get().old())
            .orElse(true);
    if (sameReplicas) {
      return enter(now, finding, reason);
    }
    StatusDraft draft = now.draft().filling();
    if (now.status().phase() == RolloutPhase.PAUSED) {
      draft.phase(RolloutPhase.PROGRESSING).pausedFrom(Optional.empty());
    }
    String message = reason + "; starting replicas for step " + (step + 1);
    return new Move(draft.message(message), Optional.empty(), reason, finding);
  }

  private static Step enter(Situation now, Optional<Finding> finding, String reason) {
    int step = now.status().step() + 1;
    Stage stage = now.stage(step).orElseThrow();
    RolloutPhase phase = stage.promoting() ? RolloutPhase.PROMOTING : RolloutPhase.PROGRESSING;
    StatusDraft draft = now.draft();
    if (now.status().phase() == RolloutPhase.PROVISIONING && stage.promoting()) {
      return throughPause(now, reason, finding);
    }
    if (now.status().phase() != phase) {
      draft.phase(phase);
    }
    draft.step(step, stage.weight()).pausedFrom(Optional.empty()).decidedBy(deciding(now, finding));
    return new Move(draft.message(now.at(step) + ": " + reason), Optional.empty(), reason, finding);
  }

  // The phases know no way from Provisioning to Promoting; a rollout without steps is paused on its
  // way for no time at all.
  private static Step throughPause(Situation now, String reason, Optional<Finding> finding) {
    return new Move(
        now.draft()
            .phase(RolloutPhase.PAUSED)
            .pausedFrom(Optional.of(RolloutPhase.PROVISIONING))
            .message(reason),
        Optional.empty(),
        reason,
        finding);
  }

  static Step promoteFully(Situation now, Optional<Finding> finding, String reason) {
    StatusDraft draft = now.draft();
    if (now.status().phase() == RolloutPhase.PROVISIONING) {
      return throughPause(now, reason, finding);
    }
    if (now.status().phase() == RolloutPhase.PROMOTING) {
      draft.phaseAgain();
    } else {
      draft.phase(RolloutPhase.PROMOTING);
    }
    return new Move(
        draft
            .weight(0)
            .pausedFrom(Optional.empty())
            .decidedBy(deciding(now, finding))
            .message("promoting " + now.spec().to() + ": " + reason),
        Optional.of(
            now.service()
                .status()
                .withStable(new StableVersion(now.spec().to(), now.spec().specRevision()))
                .withMessage("promoting " + now.spec().to())),
        reason,
        finding);
  }

  /// Time decides only where nothing else has decided before.
  private static List<String> deciding(Situation now, Optional<Finding> finding) {
    List<String> before = now.status().decidedBy();
    return finding
        .map(Finding::decidedBy)
        .filter(names -> before.isEmpty() || !names.equals(BY_TIME))
        .orElse(before);
  }

  /// A promotion ends when the old version's replicas are drained and gone. That may take as long
  /// as the longest answer, and is well spent: until then there is something to go back to at once.
  static Step emptying(Situation now) {
    String to = now.spec().to().toString();
    Group old = now.facts().fallback();
    boolean late = now.overdue(now.facts().limits().stopping());
    if (!now.facts().routing().settled() && !late) {
      return new Stay("promoting " + to + ": " + now.waitingForGateways());
    }
    if (old.present() > 0 && !late) {
      return new Stay(
          "%s serves everything; draining and stopping %d replicas of %s"
              .formatted(to, old.present(), now.spec().from()));
    }
    String left =
        old.present() == 0
            ? ""
            : "; %d replicas of %s are still there".formatted(old.present(), now.spec().from());
    return new Move(
        now.draft()
            .phase(RolloutPhase.COMPLETED)
            .message("%s is the stable version%s".formatted(to, left)),
        Optional.of(WayBack.ended(now, List.of(), "serving " + to)),
        "completed: " + to + " is the stable version" + left,
        Optional.empty());
  }

  private static String soFar(Facts facts) {
    return facts.progress().isEmpty() ? "" : ": " + facts.progress();
  }

  private static String inBrackets(String detail) {
    return detail.isEmpty() ? "" : " (" + detail + ")";
  }
}
