// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import dev.weir.control.summary.ReleaseFacts.Measured;
import dev.weir.model.release.Stage;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.Evidence.MetricEvidence;
import dev.weir.model.view.MetricWords;
import dev.weir.model.view.SummaryView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Summarises a release: one paragraph, what happens next, and its progress.
///
/// The same facts give the same text. A sentence about a version always has the numbers of both
/// versions.
public final class ReleaseSummary {
  private static final double ALL = 100;

  /// Fewer answers of the new version are described as too few.
  private static final long FEW = 50;

  private final ReleaseFacts facts;
  private final MetricSentences sentences;
  private final List<String> text = new ArrayList<>();

  private ReleaseSummary(ReleaseFacts facts) {
    this.facts = facts;
    this.sentences = facts.sentences();
  }

  /// Summarises the facts.
  public static SummaryView of(ReleaseFacts facts) {
    return new ReleaseSummary(facts).view();
  }

  private SummaryView view() {
    describe();
    List<MetricWords> metrics = sentences.all(facts.metrics());
    Optional<Instant> end =
        facts.phase() == RolloutPhase.PROGRESSING ? ReleaseProgress.end(facts) : Optional.empty();
    return new SummaryView(
        Words.paragraph(text),
        NextSteps.of(facts),
        metrics,
        ReleaseProgress.shares(facts),
        ReleaseProgress.completed(facts),
        end,
        facts.measured().map(Measured::evidence));
  }

  private void describe() {
    switch (facts.phase()) {
      case PENDING ->
          text.add("the release of %s has not started: %s".formatted(facts.to(), message()));
      case PROVISIONING -> starting();
      case PROGRESSING -> progressing();
      case PAUSED -> paused();
      case PROMOTING -> promoting();
      case COMPLETED -> completed();
      case ROLLING_BACK -> rolledBack("rolling back to " + facts.from(), message());
      case ROLLED_BACK -> rolledBack("rolled back", serves());
      case ABORTED -> rolledBack("the release was aborted", serves());
      case SUPERSEDED -> rolledBack("the release ended without a decision", serves());
    }
    text.replaceAll(Words::capital);
  }

  // ---- before and between steps ----------------------------------------------------------------

  private void starting() {
    text.add("%s starts: %s".formatted(facts.to(), replicas()));
  }

  private String replicas() {
    String message = message();
    return message.isEmpty() ? "its replicas are not ready yet" : message;
  }

  // ---- while requests go to both versions ------------------------------------------------------

  private void progressing() {
    if (facts.status().fillingSince().isPresent()) {
      text.add("%s gets more replicas for the next step: %s".formatted(facts.to(), replicas()));
      return;
    }
    Optional<Stage> stage = facts.stage();
    stage.ifPresent(now -> text.add(place(now)));
    if (stage.filter(Stage::observed).isEmpty()) {
      text.add("the versions are not compared in this step");
      return;
    }
    measured();
    ReleaseProgress.end(facts)
        .ifPresent(end ->
            text.add("expected decision in " + Words.about(Duration.between(facts.now(), end))));
  }

  private String place(Stage stage) {
    return stage.name().equals(Stage.RAMP) ? share(stage) : step() + ": " + share(stage);
  }

  private String step() {
    return "step %d of %d".formatted(facts.status().step() + 1, facts.stages().size());
  }

  private String share(Stage stage) {
    if (stage.mirror() > 0 && stage.weight() == 0) {
      return "%s gets copies of %s of the requests, and no client gets its answers"
          .formatted(facts.to(), Words.percent(stage.mirror()));
    }
    return "%s gets %s of the requests%s"
        .formatted(
            facts.to(),
            Words.percent(facts.status().weight()),
            stage.audience().isEmpty() ? "" : " that match");
  }

  private void measured() {
    String failures = facts.newest().map(e -> DecisionSentence.facts(e, sentences)).orElse("");
    if (facts.measured().isEmpty() || failures.isEmpty()) {
      text.add("no answer of %s is counted yet".formatted(facts.to()));
      return;
    }
    text.add(failures);
    Measured measured = facts.measured().get();
    List<MetricEvidence> suspicious =
        facts.metrics().stream().filter(MetricSentences::suspicious).toList();
    if (!suspicious.isEmpty()) {
      suspicious(suspicious);
    } else if (!measured.holds().isEmpty()) {
      text.add("the release waits: " + String.join("; ", measured.holds()));
    } else {
      safety(measured);
    }
  }

  private void suspicious(List<MetricEvidence> metrics) {
    metrics.stream()
        .map(sentences::sentence)
        .filter(sentence -> !sentence.isEmpty() && !text.contains(sentence))
        .forEach(text::add);
    text.add(
        "%s may be worse; if this continues, Weir rolls back to %s"
            .formatted(facts.to(), facts.from()));
  }

  private void safety(Measured measured) {
    Optional<Double> bound = measured.failureBound().filter(share -> share < 1);
    if (bound.isPresent()) {
      String most = Words.number(ALL * bound.get());
      text.add(
          "so far at most %s more %s in 100 (95 %% sure)"
              .formatted(most, most.equals("1") ? "failure" : "failures"));
    } else if (answers() < FEW) {
      text.add("these are too few answers to decide");
    }
  }

  private long answers() {
    return facts.metrics().stream().mapToLong(MetricEvidence::canaryCount).max().orElse(0);
  }

  // ---- pauses ----------------------------------------------------------------------------------

  private void paused() {
    if (facts.status().ending().isPresent()) {
      text.add(
          "%s must be rolled back, but %s has no ready replica: %s serves until then"
              .formatted(facts.to(), facts.from(), facts.to()));
      facts.lastDecision().map(d -> DecisionSentence.causes(d, sentences)).ifPresent(text::add);
      return;
    }
    facts.newest().map(e -> DecisionSentence.facts(e, sentences)).ifPresent(text::add);
    text.add(pause() + "; %s keeps %s".formatted(facts.to(), shareNow()));
  }

  private String shareNow() {
    return Words.percent(facts.status().weight()) + " of the requests";
  }

  private String pause() {
    if (facts.status().passedAt().isPresent()) {
      return step() + " passed and waits for an approval";
    }
    Optional<Evidence> last = facts.lastDecision();
    if (last.filter(ReleaseSummary::undecided).isPresent()) {
      return "this did not decide between %s and %s in time, so the release is paused"
          .formatted(facts.to(), facts.from());
    }
    return last.filter(decision -> decision.verdict().equals("Manual"))
        .map(decision -> "the release was " + DecisionSentence.manual(decision))
        .orElse("the release is paused: " + message());
  }

  private static boolean undecided(Evidence decision) {
    return decision.verdict().equals("Inconclusive");
  }

  // ---- the end ---------------------------------------------------------------------------------

  private void promoting() {
    if (facts.status().weight() == 0) {
      text.add(
          "%s is promoted and serves all requests; the replicas of %s finish theirs and stop"
              .formatted(facts.to(), facts.from()));
      return;
    }
    String until =
        facts
            .stage()
            .flatMap(stage -> facts.status().stepStartedAt().map(at -> at.plus(stage.atLeast())))
            .map(end -> " until " + Words.time(end))
            .orElse("");
    text.add(
        "%s serves %s%s; %s keeps its replicas for a rollback"
            .formatted(facts.to(), shareNow(), until, facts.from()));
    facts.newest().map(e -> DecisionSentence.facts(e, sentences)).ifPresent(text::add);
  }

  private void completed() {
    text.add("%s is promoted and serves all requests".formatted(facts.to()));
    facts
        .lastDecision()
        .filter(decision -> decision.verdict().equals("Manual"))
        .map(DecisionSentence::manual)
        .ifPresent(text::add);
    facts.newest().map(e -> DecisionSentence.facts(e, sentences)).ifPresent(text::add);
  }

  private void rolledBack(String outcome, String afterwards) {
    Optional<Evidence> decision = facts.lastDecision();
    String why = decision.map(this::cause).orElse("");
    text.add(why.isEmpty() ? outcome : why + ": " + outcome);
    text.add(afterwards);
  }

  private String cause(Evidence decision) {
    return switch (decision.verdict()) {
      case "Revert" -> DecisionSentence.causes(decision, sentences);
      case "Inconclusive" ->
          "%s; this did not decide in time".formatted(DecisionSentence.facts(decision, sentences));
      default -> DecisionSentence.manual(decision);
    };
  }

  private String serves() {
    RolloutStatus status = facts.status();
    String after =
        status
            .revertDecidedAt()
            .flatMap(from -> status.revertedAt().map(to -> Duration.between(from, to)))
            .map(took -> ", %s after the decision".formatted(Words.seconds(took.toMillis() / 1e3)))
            .orElse("");
    return "%s serves all requests%s".formatted(facts.from(), after);
  }

  /// What the release waits for, without the word at its start that the sentence has already.
  private String message() {
    String message = facts.status().message();
    for (String prefix : List.of("waiting for replicas: ", "waiting: ", "reverting: ")) {
      if (message.startsWith(prefix)) {
        return message.substring(prefix.length());
      }
    }
    return message;
  }
}
