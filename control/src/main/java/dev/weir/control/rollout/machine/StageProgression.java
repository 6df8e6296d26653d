// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout.machine;

import dev.weir.analysis.HoldReason;
import dev.weir.analysis.Verdict;
import dev.weir.control.rollout.machine.RolloutDecision.Finding;
import dev.weir.control.rollout.machine.RolloutDecision.NoChange;
import dev.weir.control.rollout.machine.RolloutDecision.Transition;
import dev.weir.control.rollout.machine.RolloutFacts.Group;
import dev.weir.control.rollout.machine.RolloutFacts.Trouble;
import dev.weir.model.release.Stage;
import dev.weir.model.release.Stage.Proof;
import dev.weir.model.spec.ReleaseSpec.OnInconclusive;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.ServiceStatus.StableVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Advances a release: replicas, stages in order, promotion.
final class StageProgression {
  private static final List<String> BY_TIME = List.of("time");
  private static final List<String> BY_RAMP = List.of("ramp");

  private StageProgression() {}

  static RolloutDecision pending(RolloutContext context) {
    if (context.facts().startupTimeout().isPresent()) {
      return context.transition(
          context.draft().phase(RolloutPhase.PROVISIONING),
          "starting replicas of " + context.spec().to());
    }
    String missing = "there is no ModelVersion " + context.spec().to();
    return context.overdue(context.facts().limits().acknowledgement())
        ? Rollback.guard(context, new Trouble("model not loaded", missing))
        : new NoChange("waiting: " + missing);
  }

  static RolloutDecision provisioning(RolloutContext context) {
    if (context.facts().canary().complete()) {
      return next(context, Optional.empty(), "replicas of " + context.spec().to() + " are ready");
    }
    return waitForReplicas(context, context.status().phaseSince());
  }

  /// Whether the running stage is passed, harm is proven, or neither yet.
  static RolloutDecision going(RolloutContext context) {
    if (context.switched()) {
      return emptying(context);
    }
    Optional<RolloutDecision> harm = Rollback.proven(context);
    if (harm.isPresent()) {
      return harm.get();
    }
    if (context.status().fillingSince().isPresent()) {
      return context.facts().canary().complete()
          ? enter(
              context,
              context.status().step() + 1,
              Optional.empty(),
              "the replicas of the next step are ready")
          : waitForReplicas(context, context.status().fillingSince());
    }
    return context.status().passedAt().isPresent() ? waitOut(context) : judge(context);
  }

  private static RolloutDecision waitForReplicas(RolloutContext context, Optional<Instant> since) {
    Group canary = context.facts().canary();
    Duration allowed =
        context
            .facts()
            .startupTimeout()
            .orElse(Duration.ZERO)
            .plus(context.facts().limits().startupMargin());
    String stand =
        "%d of %d replicas of %s ready%s"
            .formatted(
                canary.ready(), canary.wanted(), context.spec().to(), inBrackets(canary.detail()));
    if (!context.facts().adopting()
        && context.passed(since.orElse(context.facts().now()), allowed)) {
      return Rollback.guard(
          context, new Trouble("not started", "the canary did not become ready: " + stand));
    }
    return new NoChange("waiting for replicas: " + stand);
  }

  // ---- the stage that runs ---------------------------------------------------------------------

  private static RolloutDecision judge(RolloutContext context) {
    Optional<Stage> stage = context.stage();
    if (stage.isEmpty()) {
      // An older version of Weir with other stages may have stored the rollout. Its remaining
      // stages count as completed.
      return promoteFully(context, Optional.empty(), "no step is left");
    }
    return stage.get().needsEvidence() ? byProof(context) : byTime(context, stage.get());
  }

  private static RolloutDecision byProof(RolloutContext context) {
    RolloutFacts facts = context.facts();
    if (facts.verdict().isEmpty()) {
      return new NoChange(context.at() + ": " + context.waitingForGateways());
    }
    return switch (facts.verdict().get()) {
      case Verdict.Promote promote -> proven(context, NumberText.names(promote.provenBy()));
      case Verdict.Climb climb -> climb(context, climb);
      case Verdict.StepDown down -> stepDown(context, down);
      case Verdict.Revert _ -> new NoChange(context.at());
      case Verdict.Inconclusive inconclusive -> inconclusive(context, inconclusive);
      case Verdict.Hold hold ->
          new NoChange(context.at() + ": held, " + NumberText.join(hold.reasons()) + soFar(facts));
      case Verdict.Continue on ->
          new NoChange(
              context.at() + soFar(facts) + "; waiting for " + NumberText.join(on.waitingFor()));
    };
  }

  // The verdict names its step, so that one piece of evidence raises the weight once. Weights are
  // skipped only if no replica must start before.
  private static RolloutDecision climb(RolloutContext context, Verdict.Climb climb) {
    if (climb.step() != context.status().step()) {
      return new NoChange(context.at());
    }
    String reason =
        "%s: at most %s %% of the requests to %s fail because of it"
            .formatted(
                context.at(), NumberText.number(100 * climb.failureBound()), context.spec().to());
    Optional<Finding> finding = Optional.of(new Finding("Climb", reason, BY_RAMP));
    boolean skips =
        context.facts().canary().complete()
            && context.stage(climb.to()).filter(to -> sameReplicas(context, to)).isPresent();
    return skips ? enter(context, climb.to(), finding, reason) : onward(context, finding, reason);
  }

  /// The weight decreases only while the replicas stay: replicas of the old version that have
  /// stopped cannot serve its requests.
  private static RolloutDecision stepDown(RolloutContext context, Verdict.StepDown down) {
    int step = context.status().step();
    Optional<Stage> before = context.stage(step - 1).filter(stage -> stage.proof() == Proof.CLIMB);
    if (down.step() != step || before.isEmpty() || !sameReplicas(context, before.get())) {
      return new NoChange(context.at() + soFar(context.facts()));
    }
    String reason =
        "%s: %s looks worse (log e %s of %s)"
            .formatted(
                context.at(),
                down.metric(),
                NumberText.number(down.logE()),
                NumberText.number(down.threshold()));
    StatusBuilder draft = context.draft().step(step - 1, before.get().weight());
    return new Transition(
        draft.message(context.at(step - 1) + ": " + reason),
        Optional.empty(),
        reason,
        Optional.of(new Finding("StepDown", reason, List.of(down.metric().manifestName()))));
  }

  private static boolean sameReplicas(RolloutContext context, Stage other) {
    return context
        .stage()
        .map(stage -> stage.newReplicas() == other.newReplicas() && stage.old() == other.old())
        .orElse(true);
  }

  private static RolloutDecision proven(RolloutContext context, List<String> provenBy) {
    String reason =
        context.at() + " passed: " + NumberText.join(provenBy) + " within their margins";
    return passed(context, new Finding("Promote", reason, provenBy));
  }

  private static RolloutDecision byTime(RolloutContext context, Stage stage) {
    if (!context.facts().routing().settled()
        && !context.passed(context.stepSince(), context.facts().limits().acknowledgement())) {
      return new NoChange(context.at() + ": " + context.waitingForGateways());
    }
    Optional<RolloutDecision> held = held(context, stage);
    if (held.isPresent()) {
      return held.get();
    }
    if (waits(context, stage)) {
      return new NoChange(context.at() + soFar(context.facts()) + "; " + until(context, stage));
    }
    String reason =
        stage.proof() == Proof.WATCH
            ? context.at() + ": nothing was held against it"
            : context.at() + " is over; it was not analysed";
    return passed(
        context,
        context.spec().undo()
            ? ManualCommands.finding("undone", reason)
            : new Finding("Promote", reason, BY_TIME));
  }

  /// A metric that only blocks, or arms that cannot be compared, keep an observed stage, but not
  /// permanently.
  private static Optional<RolloutDecision> held(RolloutContext context, Stage stage) {
    return context
        .facts()
        .verdict()
        .filter(_ -> stage.proof() == Proof.WATCH && !waits(context, stage))
        .filter(Verdict.Hold.class::isInstance)
        .map(Verdict.Hold.class::cast)
        .filter(hold -> !quietForLong(context, stage, hold))
        .map(hold -> heldBy(context, stage, hold));
  }

  /// Whether a stage that needs no proof got no requests for twice its length. An idle Service
  /// would otherwise keep both versions until `maxWait`.
  private static boolean quietForLong(RolloutContext context, Stage stage, Verdict.Hold hold) {
    return quiet(hold) && context.passed(context.stepSince(), stage.atLeast().multipliedBy(2));
  }

  private static boolean quiet(Verdict.Hold hold) {
    return hold.reasons().stream().allMatch(reason -> reason.kind() == HoldReason.Kind.STALE);
  }

  private static RolloutDecision heldBy(RolloutContext context, Stage stage, Verdict.Hold hold) {
    if (quiet(hold)) {
      Instant end = context.stepSince().plus(stage.atLeast().multipliedBy(2));
      return new NoChange(
          "%s: no requests; it ends at %s if none arrive"
              .formatted(context.at(), NumberText.time(end)));
    }
    String reasons = NumberText.join(hold.reasons());
    return context.passed(context.stepSince(), context.spec().release().maxWait())
        ? Rollback.revertUndecided(context, "held by " + reasons)
        : new NoChange(context.at() + ": held, " + reasons + soFar(context.facts()));
  }

  private static boolean waits(RolloutContext context, Stage stage) {
    return context.facts().now().isBefore(context.stepSince().plus(stage.atLeast()));
  }

  private static String until(RolloutContext context, Stage stage) {
    return "lasts until " + NumberText.time(context.stepSince().plus(stage.atLeast()));
  }

  // ---- from one stage to the next
  // ----------------------------------------------------------------

  private static RolloutDecision passed(RolloutContext context, Finding finding) {
    Stage stage = context.stage().orElseThrow();
    if (stage.gate() && !waits(context, stage)) {
      return afterStagePassed(context, finding);
    }
    return waits(context, stage)
        ? context.transition(
            context.draft().passed(), finding.reason() + "; " + until(context, stage), finding)
        : onward(context, Optional.of(finding), finding.reason());
  }

  private static RolloutDecision waitOut(RolloutContext context) {
    Stage stage = context.stage().orElseThrow();
    if (waits(context, stage)) {
      return new NoChange(context.status().message());
    }
    String reason = context.at() + " has lasted long enough";
    return stage.gate()
        ? afterStagePassed(context, new Finding("Promote", reason, BY_TIME))
        : onward(context, Optional.empty(), reason);
  }

  /// The weight increases only while all replicas are Ready. A replica that is not Ready for too
  /// long fails a guard.
  private static RolloutDecision onward(
      RolloutContext context, Optional<Finding> finding, String reason) {
    Group canary = context.facts().canary();
    return canary.complete()
        ? next(context, finding, reason)
        : new NoChange(
            "%s; waiting, %d of %d replicas ready%s"
                .formatted(reason, canary.ready(), canary.wanted(), inBrackets(canary.detail())));
  }

  private static RolloutDecision afterStagePassed(RolloutContext context, Finding finding) {
    StatusBuilder draft =
        context
            .draft()
            .phase(RolloutPhase.PAUSED)
            .pausedFrom(Optional.of(RolloutPhase.PROGRESSING))
            .passed();
    String message =
        "%s; at the gate: run `weir rollout promote %s`, or the rollout is abandoned at %s"
            .formatted(
                finding.reason(),
                context.spec().service(),
                NumberText.time(context.facts().now().plus(context.spec().release().maxWait())));
    return context.transition(draft, message, finding);
  }

  private static RolloutDecision inconclusive(
      RolloutContext context, Verdict.Inconclusive verdict) {
    String limit = context.spec().release().ramps() ? "maxDuration" : "maxStepDuration";
    Finding finding = new Finding("Inconclusive", verdict.reason(), List.of(limit));
    if (context.spec().release().analysis().onInconclusive() == OnInconclusive.ROLLBACK) {
      return Rollback.revert(context, RolloutPhase.ROLLED_BACK, finding);
    }
    return new Transition(
        context
            .draft()
            .phase(RolloutPhase.PAUSED)
            .pausedFrom(Optional.of(RolloutPhase.PROGRESSING))
            .message(context.at() + ": paused, inconclusive: " + verdict.reason()),
        Optional.empty(),
        "inconclusive: " + verdict.reason(),
        Optional.of(finding));
  }

  /// The next stage, or the promotion after the last. Replicas start before they get requests.
  static RolloutDecision next(RolloutContext context, Optional<Finding> finding, String reason) {
    int step = context.status().step() + 1;
    Optional<Stage> next = context.stage(step);
    if (next.isEmpty()) {
      return promoteFully(context, finding, reason);
    }
    if (sameReplicas(context, next.get())) {
      return enter(context, step, finding, reason);
    }
    StatusBuilder draft = context.draft().filling();
    if (context.status().phase() == RolloutPhase.PAUSED) {
      draft.phase(RolloutPhase.PROGRESSING).pausedFrom(Optional.empty());
    }
    String message = reason + "; starting replicas for step " + (step + 1);
    return new Transition(draft.message(message), Optional.empty(), reason, finding);
  }

  private static RolloutDecision enter(
      RolloutContext context, int step, Optional<Finding> finding, String reason) {
    Stage stage = context.stage(step).orElseThrow();
    RolloutPhase phase = stage.promoting() ? RolloutPhase.PROMOTING : RolloutPhase.PROGRESSING;
    StatusBuilder draft = context.draft();
    if (context.status().phase() == RolloutPhase.PROVISIONING && stage.promoting()) {
      return afterPause(context, reason, finding);
    }
    if (context.status().phase() != phase) {
      draft.phase(phase);
    }
    draft
        .step(step, stage.weight())
        .pausedFrom(Optional.empty())
        .decidedBy(deciding(context, finding));
    return new Transition(
        draft.message(context.at(step) + ": " + reason), Optional.empty(), reason, finding);
  }

  // No transition leads from Provisioning to Promoting. A rollout without steps is Paused in
  // between for no time.
  private static RolloutDecision afterPause(
      RolloutContext context, String reason, Optional<Finding> finding) {
    return new Transition(
        context
            .draft()
            .phase(RolloutPhase.PAUSED)
            .pausedFrom(Optional.of(RolloutPhase.PROVISIONING))
            .message(reason),
        Optional.empty(),
        reason,
        finding);
  }

  static RolloutDecision promoteFully(
      RolloutContext context, Optional<Finding> finding, String reason) {
    StatusBuilder draft = context.draft();
    if (context.status().phase() == RolloutPhase.PROVISIONING) {
      return afterPause(context, reason, finding);
    }
    if (context.status().phase() == RolloutPhase.PROMOTING) {
      draft.phaseAgain();
    } else {
      draft.phase(RolloutPhase.PROMOTING);
    }
    return new Transition(
        draft
            .weight(0)
            .pausedFrom(Optional.empty())
            .decidedBy(deciding(context, finding))
            .message("promoting " + context.spec().to() + ": " + reason),
        Optional.of(
            context
                .service()
                .status()
                .withStable(new StableVersion(context.spec().to(), context.spec().specRevision()))
                .withMessage("promoting " + context.spec().to())),
        reason,
        finding);
  }

  /// A time limit decides only if nothing else has decided; a weight of a ramp decides nothing.
  private static List<String> deciding(RolloutContext context, Optional<Finding> finding) {
    List<String> before = context.status().decidedBy();
    return finding
        .map(Finding::decidedBy)
        .filter(names -> !names.equals(BY_RAMP) && (before.isEmpty() || !names.equals(BY_TIME)))
        .orElse(before);
  }

  /// A promotion ends when the replicas of the old version have drained and stopped. This may take
  /// as long as the longest response. Until then a rollback is possible at once.
  static RolloutDecision emptying(RolloutContext context) {
    String to = context.spec().to().toString();
    Group old = context.facts().fallback();
    boolean late = context.overdue(context.facts().limits().stopping());
    if (!context.facts().routing().settled() && !late) {
      return new NoChange("promoting " + to + ": " + context.waitingForGateways());
    }
    if (old.present() > 0 && !late) {
      return new NoChange(
          "%s serves everything; draining and stopping %d replicas of %s"
              .formatted(to, old.present(), context.spec().from()));
    }
    String left =
        old.present() == 0
            ? ""
            : "; %d replicas of %s are still there".formatted(old.present(), context.spec().from());
    return new Transition(
        context
            .draft()
            .phase(RolloutPhase.COMPLETED)
            .message("%s is the stable version%s".formatted(to, left)),
        Optional.of(Rollback.ended(context, List.of(), "serving " + to)),
        "completed: " + to + " is the stable version" + left,
        Optional.empty());
  }

  private static String soFar(RolloutFacts facts) {
    return facts.progress().isEmpty() ? "" : ": " + facts.progress();
  }

  private static String inBrackets(String detail) {
    return detail.isEmpty() ? "" : " (" + detail + ")";
  }
}
