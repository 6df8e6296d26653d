// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.analysis.Metric;
import dev.weir.analysis.Verdict;
import dev.weir.control.rollout.Facts.Group;
import dev.weir.control.rollout.Facts.Trouble;
import dev.weir.control.rollout.Step.Finding;
import dev.weir.control.rollout.Step.Move;
import dev.weir.control.rollout.Step.Stay;
import dev.weir.model.ReleaseSpec.OnInconclusive;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.RolloutSpec;
import dev.weir.model.RolloutStatus;
import dev.weir.model.RolloutStatus.Overridden;
import dev.weir.model.Service;
import dev.weir.model.ServiceStatus;
import dev.weir.model.ServiceStatus.FailedRelease;
import dev.weir.model.ServiceStatus.StableVersion;
import dev.weir.model.VersionRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The persisted state machine of a rollout, as a pure function of what is stored and what is so.
///
/// In every live phase the order is: does the Service still want it, has a guard tripped, what do
/// the statistics say, is a wait over. A revert goes back to a version that answers, or not at all:
/// onto no Ready replica it would turn a bad release into an outage, so then the rollout pauses,
/// says so, and reverts as soon as there is something to go back to.
final class RolloutMachine {
  private static final int MOST_FAILED = 20;
  static final String BY_HAND = "manual";
  static final String BY_SPEC = "spec";

  private final Rollout rollout;
  private final RolloutSpec spec;
  private final RolloutStatus status;
  private final Service service;
  private final Facts facts;

  private RolloutMachine(Rollout rollout, Service service, Facts facts) {
    this.rollout = rollout;
    this.spec = rollout.spec();
    this.status = rollout.status();
    this.service = service;
    this.facts = facts;
  }

  /// The next step of a live rollout.
  static Step next(Rollout rollout, Service service, Facts facts) {
    return new RolloutMachine(rollout, service, facts).next();
  }

  private Step next() {
    return switch (status.phase()) {
      case PENDING -> unwanted().orElseGet(this::pending);
      case PROVISIONING -> unwanted().or(this::guarded).orElseGet(this::provisioning);
      case PROGRESSING -> unwanted().or(this::guarded).orElseGet(this::progressing);
      case PAUSED -> unwanted().or(this::guarded).orElseGet(this::paused);
      case PROMOTING -> unwanted().or(this::guarded).orElseGet(this::promoting);
      case ROLLING_BACK -> rollingBack();
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> new Stay(status.message());
    };
  }

  private Step pending() {
    if (facts.startupTimeout().isPresent()) {
      return move(draft().phase(RolloutPhase.PROVISIONING), "starting replicas of " + spec.to());
    }
    String missing = "there is no ModelVersion " + spec.to();
    return overdue(facts.limits().acknowledgement())
        ? guard(new Trouble("model not loaded", missing))
        : new Stay("waiting: " + missing);
  }

  private Step provisioning() {
    Group canary = facts.canary();
    if (canary.complete()) {
      return spec.release().steps().isEmpty()
          ? promoteFully(Optional.empty(), "replicas of " + spec.to() + " are ready")
          : enterStep(0, Optional.empty(), "replicas of " + spec.to() + " are ready");
    }
    Duration allowed =
        facts.startupTimeout().orElse(Duration.ZERO).plus(facts.limits().startupMargin());
    String stand =
        "%d of %d replicas of %s ready%s"
            .formatted(canary.ready(), canary.wanted(), spec.to(), inBrackets(canary.detail()));
    if (!facts.adopting() && overdue(allowed)) {
      return guard(new Trouble("not started", "the canary did not become ready: " + stand));
    }
    return new Stay("waiting for replicas: " + stand);
  }

  private Step progressing() {
    if (facts.verdict().isEmpty()) {
      return new Stay(at() + ": " + waitingForGateways());
    }
    return switch (facts.verdict().get()) {
      case Verdict.Promote promote -> promoted(names(promote.provenBy()));
      case Verdict.Revert revert -> statisticalRevert(revert);
      case Verdict.Inconclusive inconclusive -> inconclusive(inconclusive);
      case Verdict.Hold hold ->
          new Stay(at() + ": held, " + join(hold.reasons()) + evidenceSoFar());
      case Verdict.Continue going ->
          new Stay(at() + evidenceSoFar() + "; waiting for " + join(going.waitingFor()));
    };
  }

  private Step paused() {
    if (status.ending().isPresent()) {
      RolloutPhase ending = status.ending().get();
      return facts.fallback().answering() > 0
          ? new Move(
              back(ending, status.decidedBy())
                  .message(spec.from() + " answers again: reverting, as decided before"),
              Optional.empty(),
              spec.from() + " has a ready replica again: the revert that was decided is done now",
              Optional.of(
                  new Finding("Guard", "the revert that was decided is done", status.decidedBy())))
          : new Stay(status.message());
    }
    if (spec.release().steps().isEmpty() && facts.canary().complete()) {
      return promoteFully(
          Optional.of(byHand("undone", "back to " + spec.to())), "back to " + spec.to());
    }
    for (Verdict verdict : facts.verdict().stream().toList()) {
      if (verdict instanceof Verdict.Revert revert) {
        return statisticalRevert(revert);
      }
    }
    return new Stay(status.message());
  }

  /// A promotion ends when the old version's replicas are drained and gone. That may take as long
  /// as the longest answer, and is well spent: until then there is something to go back to at once.
  private Step promoting() {
    if (!facts.routing().settled()) {
      return new Stay("promoting " + spec.to() + ": " + waitingForGateways());
    }
    Group old = facts.fallback();
    boolean late = overdue(facts.limits().stopping());
    if (old.present() > 0 && !late) {
      return new Stay(
          "%s serves everything; draining and stopping %d replicas of %s"
              .formatted(spec.to(), old.present(), spec.from()));
    }
    String left =
        old.present() == 0
            ? ""
            : "; %d replicas of %s are still there".formatted(old.present(), spec.from());
    return new Move(
        draft()
            .phase(RolloutPhase.COMPLETED)
            .message("%s is the stable version%s".formatted(spec.to(), left)),
        Optional.of(ended(List.of(), "serving " + spec.to())),
        "completed: " + spec.to() + " is the stable version" + left,
        Optional.empty());
  }

  /// A revert has two ends. `revertedAt` is when every gateway that counts serves weight 0: from
  /// then on no new request goes to the version, whatever still runs on its replicas. The phase
  /// ends a little later, when those replicas are gone, so that usually their accelerators are free
  /// for the next release; but long answers are not waited for here, or they would hold up the
  /// release that mends what was reverted. What is left goes on draining without the rollout.
  private Step rollingBack() {
    boolean settled = facts.routing().settled();
    Optional<Instant> reverted = status.revertedAt();
    if (reverted.isEmpty()) {
      boolean late = overdue(facts.limits().stopping());
      if (!settled && !late) {
        return new Stay("reverting: " + waitingForGateways());
      }
      String unheard =
          facts.routing().givenUp().isEmpty() && settled
              ? ""
              : " (not heard: %s; their lease has ended)"
                  .formatted(
                      join(settled ? facts.routing().givenUp() : facts.routing().waitingFor()));
      return new Move(
          draft().reverted().message("no gateway routes to " + spec.to() + " any more" + unheard),
          Optional.empty(),
          "routing is reverted" + unheard,
          Optional.empty());
    }
    int left = facts.canary().present();
    if (left > 0 && !passed(reverted.get(), facts.limits().draining())) {
      return new Stay(
          "reverted; draining and stopping %d replicas of %s".formatted(left, spec.to()));
    }
    return over(left);
  }

  private Step over(int left) {
    RolloutPhase ending = status.ending().orElse(RolloutPhase.ROLLED_BACK);
    boolean failed =
        ending == RolloutPhase.ROLLED_BACK
            || (ending == RolloutPhase.ABORTED && !status.decidedBy().contains(BY_SPEC));
    List<FailedRelease> failures =
        failed
            ? List.of(new FailedRelease(spec.to(), spec.specHash(), rollout.metadata().name()))
            : List.of();
    String leftOver =
        left == 0 ? "" : "; %d replicas of %s are still there".formatted(left, spec.to());
    String message =
        ending.text()
            + ": "
            + spec.from()
            + " serves"
            + (status.decidedBy().isEmpty() ? "" : ", decided by " + join(status.decidedBy()))
            + leftOver;
    return new Move(
        draft().phase(ending).message(message),
        Optional.of(ended(failures, message)),
        message,
        Optional.empty());
  }

  // ---- what the Service wants -------------------------------------------------------------

  /// Set when the user's spec no longer asks for this rollout. A rollout that was asked for by hand
  /// (its spec revision is the Service's own) is not measured by the spec.
  private Optional<Step> unwanted() {
    VersionRef wanted = service.spec().version();
    boolean specMoved = service.metadata().specRevision() != spec.specRevision();
    boolean byHand = spec.release().steps().isEmpty();
    if (!specMoved || wanted.equals(spec.to()) || status.ending().isPresent()) {
      return Optional.empty();
    }
    if (wanted.equals(spec.from())) {
      return byHand
          ? Optional.empty()
          : Optional.of(
              revert(
                  RolloutPhase.ABORTED,
                  new Finding(
                      "Manual",
                      "the spec names " + wanted + " again, which is the stable version",
                      List.of(BY_SPEC))));
    }
    return status.phase() == RolloutPhase.PROMOTING
        ? Optional.empty()
        : Optional.of(
            revert(
                RolloutPhase.SUPERSEDED,
                new Finding("Manual", "the spec names " + wanted + " now", List.of(BY_SPEC))));
  }

  // ---- decisions ---------------------------------------------------------------------------

  private Optional<Step> guarded() {
    return status.ending().isPresent()
        ? Optional.empty()
        : facts.canary().trouble().map(this::guard);
  }

  private Step guard(Trouble trouble) {
    return revert(
        RolloutPhase.ROLLED_BACK,
        new Finding("Guard", trouble.guard() + ": " + trouble.detail(), List.of(trouble.guard())));
  }

  private Step statisticalRevert(Verdict.Revert revert) {
    return revert(
        RolloutPhase.ROLLED_BACK,
        new Finding(
            "Revert",
            "%s is worse than tolerated: log e %.2f of %.2f"
                .formatted(join(names(revert.crossed())), revert.logE(), revert.threshold()),
            names(revert.crossed())));
  }

  private Step inconclusive(Verdict.Inconclusive verdict) {
    Finding finding = new Finding("Inconclusive", verdict.reason(), List.of("maxStepDuration"));
    if (spec.release().analysis().onInconclusive() == OnInconclusive.ROLLBACK) {
      return revert(RolloutPhase.ROLLED_BACK, finding);
    }
    return new Move(
        draft()
            .phase(RolloutPhase.PAUSED)
            .pausedFrom(Optional.of(RolloutPhase.PROGRESSING))
            .message(at() + ": paused, inconclusive: " + verdict.reason()),
        Optional.empty(),
        "inconclusive: " + verdict.reason(),
        Optional.of(finding));
  }

  private Step promoted(List<String> provenBy) {
    String reason = at() + " passed: " + join(provenBy) + " within their margins";
    Finding finding = new Finding("Promote", reason, provenBy);
    return further(Optional.of(finding), reason);
  }

  /// The step after this one, or the promotion after the last.
  private Step further(Optional<Finding> finding, String reason) {
    int next = status.step() + 1;
    return next < spec.release().steps().size()
        ? enterStep(next, finding, reason)
        : promoteFully(finding, reason);
  }

  private Step enterStep(int step, Optional<Finding> finding, String reason) {
    double weight = spec.release().steps().get(step).weight();
    StatusDraft draft = draft();
    if (status.phase() != RolloutPhase.PROGRESSING) {
      draft.phase(RolloutPhase.PROGRESSING);
    }
    draft.step(step, weight).pausedFrom(Optional.empty());
    return new Move(
        draft.message(at(step, weight) + ": " + reason), Optional.empty(), reason, finding);
  }

  private Step promoteFully(Optional<Finding> finding, String reason) {
    StatusDraft draft = draft();
    if (status.phase() == RolloutPhase.PROVISIONING) {
      // The phases know no way from Provisioning to Promoting; a rollout without steps is paused
      // on its way for no time at all.
      return new Move(
          draft
              .phase(RolloutPhase.PAUSED)
              .pausedFrom(Optional.of(RolloutPhase.PROVISIONING))
              .message(reason),
          Optional.empty(),
          reason,
          finding);
    }
    return new Move(
        draft
            .phase(RolloutPhase.PROMOTING)
            .weight(0)
            .pausedFrom(Optional.empty())
            .decidedBy(finding.map(Finding::decidedBy).orElse(List.of()))
            .message("promoting " + spec.to() + ": " + reason),
        Optional.of(
            service
                .status()
                .withStable(new StableVersion(spec.to(), spec.specRevision()))
                .withMessage("promoting " + spec.to())),
        reason,
        finding);
  }

  /// Routing first: weight 0 (or the old version as stable again) is stored now and published next;
  /// replicas come after that.
  private Step revert(RolloutPhase ending, Finding finding) {
    boolean promoting = status.phase() == RolloutPhase.PROMOTING;
    boolean serves = promoting || status.weight() > 0;
    return serves && facts.fallback().answering() == 0
        ? withoutTarget(ending, finding, promoting)
        : backAtOnce(ending, finding);
  }

  private Step backAtOnce(RolloutPhase ending, Finding finding) {
    boolean promoting = status.phase() == RolloutPhase.PROMOTING;
    Optional<ServiceStatus> service =
        promoting ? Optional.of(stableAgain()) : Optional.<ServiceStatus>empty();
    return new Move(
        back(ending, finding.decidedBy()).message("reverting: " + finding.reason()),
        service,
        finding.reason(),
        Optional.of(finding));
  }

  private Step withoutTarget(RolloutPhase ending, Finding finding, boolean promoting) {
    String alarm =
        "ALARM: to be reverted (%s), but %s has no ready replica to go back to; %s keeps serving"
            .formatted(finding.reason(), spec.from(), spec.to());
    boolean waitsAlready = status.phase() == RolloutPhase.PAUSED && status.ending().isPresent();
    if (promoting || waitsAlready) {
      return new Stay(alarm);
    }
    StatusDraft draft = draft();
    if (status.phase() != RolloutPhase.PAUSED) {
      draft.phase(RolloutPhase.PAUSED).pausedFrom(Optional.of(status.phase()));
    }
    return new Move(
        draft.ending(Optional.of(ending)).decidedBy(finding.decidedBy()).message(alarm),
        Optional.empty(),
        alarm,
        Optional.of(finding));
  }

  private StatusDraft back(RolloutPhase ending, List<String> decidedBy) {
    return draft()
        .phase(RolloutPhase.ROLLING_BACK)
        .weight(0)
        .pausedFrom(Optional.empty())
        .ending(Optional.of(ending))
        .decidedBy(decidedBy)
        .revertDecided();
  }

  private ServiceStatus stableAgain() {
    return service
        .status()
        .withStable(new StableVersion(spec.from(), spec.specRevision()))
        .withMessage("reverting to " + spec.from());
  }

  private ServiceStatus ended(List<FailedRelease> failures, String message) {
    List<FailedRelease> failed = new ArrayList<>(service.status().failed());
    failed.addAll(failures);
    int surplus = Math.max(0, failed.size() - MOST_FAILED);
    return service
        .status()
        .withRollout(Optional.empty())
        .withFailed(failed.subList(surplus, failed.size()))
        .withMessage(message);
  }

  // ---- what people may ask for ---------------------------------------------------------------

  /// Holds the weight where it is. Guards and proven harm still revert.
  static Step pause(Rollout rollout, Service service, Facts facts, String reason) {
    return new RolloutMachine(rollout, service, facts).pause(reason);
  }

  /// Goes on where it was paused; the step's time and its proof of safety begin anew.
  static Step resume(Rollout rollout, Service service, Facts facts, String reason) {
    return new RolloutMachine(rollout, service, facts).resume(reason);
  }

  /// Skips to the next step, or promotes after the last.
  static Step promote(Rollout rollout, Service service, Facts facts, String reason) {
    return new RolloutMachine(rollout, service, facts).promote(reason);
  }

  /// Reverts; the version is not tried again until the spec changes or somebody says retry.
  static Step abort(Rollout rollout, Service service, Facts facts, String reason) {
    return new RolloutMachine(rollout, service, facts).abort(reason);
  }

  /// Reverts even where nothing is left to go back to.
  static Step abortNow(Rollout rollout, Service service, Facts facts, String reason) {
    return new RolloutMachine(rollout, service, facts).abortNow(reason);
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
    Finding finding = byHand("guard rails overridden" + until, how.reason());
    return new Move(
        StatusDraft.of(rollout.status(), facts.now())
            .overridden(how)
            .message(rollout.status().message()),
        Optional.empty(),
        finding.reason(),
        Optional.of(finding));
  }

  private Step pause(String reason) {
    if (spec.release().steps().isEmpty()) {
      return refused("paused");
    }
    return switch (status.phase()) {
      case PROVISIONING, PROGRESSING ->
          new Move(
              draft()
                  .phase(RolloutPhase.PAUSED)
                  .pausedFrom(Optional.of(status.phase()))
                  .message(said("paused", reason)),
              Optional.empty(),
              reason,
              Optional.of(byHand("paused", reason)));
      case PENDING, PAUSED, PROMOTING, ROLLING_BACK -> refused("paused");
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> refused("paused");
    };
  }

  private Step resume(String reason) {
    if (status.phase() != RolloutPhase.PAUSED) {
      return refused("resumed");
    }
    if (status.ending().isPresent()) {
      return new Stay("a revert is decided and waits for a ready replica of " + spec.from());
    }
    RolloutPhase to = status.pausedFrom().orElse(RolloutPhase.PROGRESSING);
    StatusDraft draft = draft().phase(to).pausedFrom(Optional.empty());
    if (to == RolloutPhase.PROGRESSING) {
      draft.stepAgain();
    }
    return new Move(
        draft.message(said("resumed", reason)),
        Optional.empty(),
        reason,
        Optional.of(byHand("resumed", reason)));
  }

  private Step promote(String reason) {
    boolean serves =
        status.phase() == RolloutPhase.PROGRESSING
            || (status.phase() == RolloutPhase.PAUSED
                && status.pausedFrom().equals(Optional.of(RolloutPhase.PROGRESSING)));
    if (!serves) {
      return refused("promoted");
    }
    if (status.ending().isPresent()) {
      return new Stay("a revert is decided and waits for a ready replica of " + spec.from());
    }
    if (facts.canary().answering() == 0) {
      return new Stay(spec.to() + " has no ready replica");
    }
    return further(Optional.of(byHand("promoted", reason)), said("promoted", reason));
  }

  private Step abort(String reason) {
    return switch (status.phase()) {
      case PENDING, PROVISIONING, PROGRESSING, PAUSED, PROMOTING ->
          revert(RolloutPhase.ABORTED, byHand("aborted", reason));
      case ROLLING_BACK -> refused("aborted");
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> refused("aborted");
    };
  }

  private Step abortNow(String reason) {
    boolean live = !status.phase().terminal() && status.phase() != RolloutPhase.ROLLING_BACK;
    return live
        ? backAtOnce(
            RolloutPhase.ABORTED,
            new Finding(
                "Manual",
                said("aborted at once", reason),
                List.of(BY_HAND, RolloutStatus.BREAK_GLASS)))
        : refused("aborted");
  }

  private Stay refused(String what) {
    return new Stay(
        "rollout %s is %s and cannot be %s"
            .formatted(rollout.metadata().name(), status.phase().text(), what));
  }

  private static String said(String what, String reason) {
    return what + " by hand" + (reason.isEmpty() ? "" : ": " + reason);
  }

  private static Finding byHand(String what, String reason) {
    return new Finding("Manual", said(what, reason), List.of(BY_HAND));
  }

  // ---- words -----------------------------------------------------------------------------------

  private String at() {
    return at(status.step(), status.weight());
  }

  private String at(int step, double weight) {
    return "step %d/%d at %s %%"
        .formatted(step + 1, spec.release().steps().size(), Texts.number(weight));
  }

  private String evidenceSoFar() {
    return facts.progress().isEmpty() ? "" : ": " + facts.progress();
  }

  private String waitingForGateways() {
    if (!facts.routing().published()) {
      return "waiting for the snapshot";
    }
    return facts.routing().waitingFor().isEmpty()
        ? "waiting for traffic"
        : "waiting for gateways " + join(facts.routing().waitingFor());
  }

  private static String inBrackets(String detail) {
    return detail.isEmpty() ? "" : " (" + detail + ")";
  }

  private static List<String> names(List<Metric> metrics) {
    return metrics.stream().map(Metric::manifestName).toList();
  }

  private static String join(List<?> parts) {
    return String.join(", ", parts.stream().map(Object::toString).toList());
  }

  private boolean overdue(Duration allowed) {
    return passed(status.phaseSince().orElse(facts.now()), allowed);
  }

  private boolean passed(Instant since, Duration allowed) {
    return facts.now().isAfter(since.plus(allowed));
  }

  private StatusDraft draft() {
    return StatusDraft.of(status, facts.now());
  }

  private Step move(StatusDraft draft, String reason) {
    return new Move(draft.message(reason), Optional.empty(), reason, Optional.empty());
  }
}
