// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import dev.weir.model.release.Stage;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.Evidence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What happens next in a release, and the commands with which a user can change that.
final class NextSteps {
  private final ReleaseFacts facts;
  private final List<String> steps = new ArrayList<>();

  private NextSteps(ReleaseFacts facts) {
    this.facts = facts;
  }

  /// One sentence each, most important first.
  static List<String> of(ReleaseFacts facts) {
    return new NextSteps(facts).all();
  }

  private List<String> all() {
    switch (facts.phase()) {
      case PENDING -> {
        steps.add("it starts by itself when this is over");
        steps.add(command("abort", "gives it up"));
      }
      case PROVISIONING -> {
        steps.add("%s gets requests when its replicas are ready".formatted(facts.to()));
        steps.add(abort());
      }
      case PROGRESSING -> progressing();
      case PAUSED -> paused();
      case PROMOTING -> promoting();
      case COMPLETED ->
          steps.add("nothing to do; " + command("undo", "returns to %s".formatted(facts.from())));
      case ROLLING_BACK ->
          steps.add("the replicas of %s stop when their requests end".formatted(facts.to()));
      case ROLLED_BACK, ABORTED -> ended();
      case SUPERSEDED -> steps.add("the version that the spec names now is released by itself");
    }
    return steps.stream().map(Words::sentence).map(Words::capital).toList();
  }

  private String command(String verb, String effect) {
    return "`weir rollout %s %s` %s".formatted(verb, facts.service(), effect);
  }

  private String abort() {
    return command("abort", "returns to " + facts.from());
  }

  private void progressing() {
    steps.add(afterStep() + when());
    steps.add(abort());
  }

  private String afterStep() {
    Optional<Stage> next = facts.stage(facts.status().step() + 1);
    if (facts.stage().filter(stage -> stage.proof() == Stage.Proof.CLIMB).isPresent()) {
      return "Weir raises the share, up to " + Words.percent(top()) + ",";
    }
    return next.filter(stage -> !stage.promoting())
        .map(stage -> "Weir raises the share to " + Words.percent(stage.weight()))
        .orElse("Weir promotes " + facts.to());
  }

  private double top() {
    return facts.stages().stream()
        .filter(stage -> !stage.promoting())
        .mapToDouble(Stage::weight)
        .max()
        .orElse(0);
  }

  private String when() {
    Optional<Stage> stage = facts.stage();
    if (stage.filter(ReleaseProgress::needsEvidence).isEmpty()) {
      return stage
          .flatMap(now -> facts.status().stepStartedAt().map(at -> at.plus(now.atLeast())))
          .map(end -> " after " + Words.time(end))
          .orElse("");
    }
    if (stage.orElseThrow().gate()) {
      return " when the step passes and a user approves it";
    }
    return stage.orElseThrow().proof() == Stage.Proof.CLIMB
        ? " when the answers so far allow it"
        : " when enough answers show that %s is not worse than %s"
            .formatted(facts.to(), facts.from());
  }

  private void paused() {
    if (facts.status().ending().isPresent()) {
      steps.add("Weir rolls back when a replica of %s is ready".formatted(facts.from()));
      steps.add(
          "`weir rollout abort %s --now --reason TEXT` rolls back at once"
              .formatted(facts.service()));
      return;
    }
    if (facts.status().passedAt().isPresent()) {
      steps.add(command("promote", "approves the step"));
    } else if (undecided()) {
      steps.add(command("resume", "collects evidence again for as long as before"));
      steps.add(command("promote", "continues without proof"));
    } else {
      steps.add(command("resume", "continues; the step starts again"));
      steps.add(command("promote", "continues without proof"));
    }
    steps.add(abort());
    limit()
        .ifPresent(
            end -> steps.add("without a command, Weir aborts the release at " + Words.time(end)));
  }

  private boolean undecided() {
    return facts.lastDecision().map(Evidence::verdict).filter("Inconclusive"::equals).isPresent();
  }

  private Optional<Instant> limit() {
    return facts
        .status()
        .phaseSince()
        .map(since -> since.plus(facts.rollout().spec().release().maxWait()));
  }

  private void promoting() {
    boolean bakes = facts.status().weight() > 0;
    steps.add(
        bakes
            ? "Weir completes the release then if %s stays good".formatted(facts.to())
            : "the release completes when the replicas of %s have stopped".formatted(facts.from()));
    steps.add(abort());
  }

  private void ended() {
    VersionRef to = facts.to();
    steps.add("fix %s and apply it as a new version".formatted(to));
    steps.add(command("retry", "tries %s again".formatted(to)));
    steps.add(command("explain", "shows each decision"));
  }
}
