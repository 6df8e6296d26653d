// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout.machine;

import dev.weir.control.rollout.machine.RolloutDecision.Finding;
import dev.weir.control.rollout.machine.RolloutDecision.Transition;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.release.Stage;
import dev.weir.model.release.Stages;
import dev.weir.model.spec.RolloutSpec;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A live rollout with the facts that its next step depends on.
///
/// @param stages of the rollout
public record RolloutContext(
    Rollout rollout, Service service, RolloutFacts facts, List<Stage> stages) {
  public static RolloutContext of(Rollout rollout, Service service, RolloutFacts facts) {
    return new RolloutContext(rollout, service, facts, Stages.of(rollout.spec()));
  }

  public RolloutSpec spec() {
    return rollout.spec();
  }

  public RolloutStatus status() {
    return rollout.status();
  }

  /// The running stage; empty before the first.
  Optional<Stage> stage() {
    return stage(status().step());
  }

  Optional<Stage> stage(int index) {
    return index >= 0 && index < stages.size() ? Optional.of(stages.get(index)) : Optional.empty();
  }

  /// Whether the new version is already stable, so that a rollback must restore the old one.
  boolean switched() {
    return status().phase() == RolloutPhase.PROMOTING && status().weight() == 0;
  }

  /// Whether requests of clients go to the new version.
  boolean serves() {
    return switched() || status().weight() > 0;
  }

  StatusBuilder draft() {
    return StatusBuilder.of(status(), facts.now());
  }

  Transition transition(StatusBuilder draft, String reason) {
    return new Transition(draft.message(reason), Optional.empty(), reason, Optional.empty());
  }

  Transition transition(StatusBuilder draft, String message, Finding finding) {
    return new Transition(
        draft.message(message), Optional.empty(), finding.reason(), Optional.of(finding));
  }

  boolean overdue(Duration allowed) {
    return passed(status().phaseSince().orElse(facts.now()), allowed);
  }

  boolean passed(Instant since, Duration allowed) {
    return facts.now().isAfter(since.plus(allowed));
  }

  /// How long it has been at the running step.
  Instant stepSince() {
    return status().stepStartedAt().orElse(facts.now());
  }

  String at() {
    return at(status().step());
  }

  String at(int step) {
    return stage(step)
        .map(stage -> "step %d/%d%s".formatted(step + 1, stages.size(), share(stage)))
        .orElse("before the first step");
  }

  private static String share(Stage stage) {
    String name = stage.name().equals(Stage.CANARY) ? "" : " (" + stage.name() + ")";
    String copies =
        stage.mirror() > 0
            ? ", copying " + NumberText.number(stage.mirror()) + " % of the requests"
            : "";
    String of = stage.audience().isEmpty() ? "" : " of those that match";
    return name + " at " + NumberText.number(stage.weight()) + " %" + of + copies;
  }

  String waitingForGateways() {
    if (!facts.routing().published()) {
      return "waiting for the snapshot";
    }
    return facts.routing().waitingFor().isEmpty()
        ? "waiting for traffic"
        : "waiting for gateways " + NumberText.join(facts.routing().waitingFor());
  }
}
