// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import dev.weir.model.Rollout;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.Evidence.MetricEvidence;
import java.util.List;
import java.util.Optional;

/// Describes one decision of a release in a sentence without statistics.
public final class DecisionSentence {
  private static final int MOST_CAUSES = 2;

  private DecisionSentence() {}

  /// The decision with its sentence and its metrics in words.
  public static Evidence described(Rollout rollout, Evidence decision) {
    MetricSentences sentences = new MetricSentences(rollout.spec().to(), rollout.spec().from());
    return decision.withWords(of(decision, sentences), sentences.all(decision.metrics()));
  }

  /// Why a release was rolled back, in one sentence.
  public static String cause(Rollout rollout, Evidence decision) {
    MetricSentences sentences = new MetricSentences(rollout.spec().to(), rollout.spec().from());
    return decision.verdict().equals("Revert")
        ? Words.capital(Words.sentence(causes(decision, sentences)))
        : of(decision, sentences);
  }

  private static String of(Evidence decision, MetricSentences sentences) {
    String step = "step " + (decision.step() + 1);
    return switch (decision.verdict()) {
      case "Promote" -> joined(facts(decision, sentences), step + " passed");
      case "Climb" -> joined(facts(decision, sentences), "the share increases");
      case "StepDown" -> joined(causes(decision, sentences), "the share decreases");
      case "Revert" -> joined(causes(decision, sentences), "rolled back");
      case "Inconclusive" -> joined(facts(decision, sentences), "not decided in time");
      case "Guard" -> Words.capital(Words.sentence(decision.reason()));
      case "Manual" -> Words.capital(Words.sentence(manual(decision)));
      default -> Words.capital(Words.sentence(decision.reason()));
    };
  }

  /// What a user did and why: `paused by a user: too many users`.
  static String manual(Evidence decision) {
    return decision.reason().replace(" manually", " by a user");
  }

  private static String joined(String facts, String outcome) {
    return Words.capital(Words.sentence(facts.isEmpty() ? outcome : facts + ": " + outcome));
  }

  /// The failures of both versions, or else the first metric with numbers.
  static String facts(Evidence decision, MetricSentences sentences) {
    return failures(decision.metrics())
        .map(sentences::sentence)
        .filter(text -> !text.isEmpty())
        .or(() ->
            decision.metrics().stream()
                .map(sentences::sentence)
                .filter(text -> !text.isEmpty())
                .findFirst())
        .orElse("");
  }

  static Optional<MetricEvidence> failures(List<MetricEvidence> metrics) {
    return metrics.stream().filter(metric -> metric.metric().equals("error")).findFirst();
  }

  /// The metrics that caused the decision.
  static String causes(Evidence decision, MetricSentences sentences) {
    List<String> causes =
        decision.decidedBy().stream()
            .flatMap(
                name -> decision.metrics().stream().filter(metric -> metric.metric().equals(name)))
            .map(sentences::sentence)
            .filter(text -> !text.isEmpty())
            .limit(MOST_CAUSES)
            .toList();
    return causes.isEmpty() ? facts(decision, sentences) : String.join("; ", causes);
  }
}
