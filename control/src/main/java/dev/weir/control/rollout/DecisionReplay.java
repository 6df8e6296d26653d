// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.analysis.AnalysisEvidence;
import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.Decisions;
import dev.weir.analysis.Verdict;
import dev.weir.control.external.ExternalMetricResult;
import dev.weir.model.view.Replayed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Recomputes a stored decision from its numbers alone.
final class DecisionReplay {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private DecisionReplay() {}

  static Replayed of(dev.weir.model.view.Evidence decided) {
    if (decided.replay().isEmpty()) {
      return result(decided, Replayed.Outcome.NOTHING_TO_REPLAY, "it was not made from numbers");
    }
    try {
      JsonNode numbers = JSON.readTree(decided.replay());
      AnalysisPlan plan = AnalysisPlan.fromJson(JSON.writeValueAsString(numbers.path("plan")));
      AnalysisEvidence evidence =
          AnalysisEvidence.fromJson(JSON.writeValueAsString(numbers.path("evidence")));
      Verdict statistical = Decisions.decide(evidence, plan);
      return compared(decided, ExternalVerdict.of(statistical, evidence, plan, external(numbers)));
    } catch (IllegalArgumentException | JacksonException e) {
      return result(decided, Replayed.Outcome.UNREADABLE, String.valueOf(e.getMessage()));
    }
  }

  private static List<ExternalMetricResult> external(JsonNode numbers) {
    List<ExternalMetricResult> results = new ArrayList<>();
    for (JsonNode result : numbers.path("external")) {
      results.add(JSON.treeToValue(result, ExternalMetricResult.class));
    }
    return results;
  }

  private static Replayed compared(dev.weir.model.view.Evidence decided, Verdict verdict) {
    Optional<String> statistical = statistical(decided.verdict());
    String now = name(verdict);
    if (statistical.isEmpty()) {
      return result(
          decided,
          Replayed.Outcome.NOTHING_TO_REPLAY,
          "decided otherwise; the numbers then said " + now);
    }
    return statistical.get().equals(now)
        ? result(decided, Replayed.Outcome.SAME, "same decision")
        : result(decided, Replayed.Outcome.ANOTHER, "the numbers say " + now);
  }

  /// Verdicts of the statistics. Operators, guards and the spec have others.
  private static Optional<String> statistical(String verdict) {
    return switch (verdict) {
      case "Promote", "Revert", "Inconclusive", "Hold", "Climb", "StepDown" -> Optional.of(verdict);
      default -> Optional.empty();
    };
  }

  private static String name(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Continue _ -> "Continue";
      case Verdict.Climb _ -> "Climb";
      case Verdict.StepDown _ -> "StepDown";
      case Verdict.Promote _ -> "Promote";
      case Verdict.Revert _ -> "Revert";
      case Verdict.Hold _ -> "Hold";
      case Verdict.Inconclusive _ -> "Inconclusive";
    };
  }

  private static Replayed result(
      dev.weir.model.view.Evidence decided, Replayed.Outcome outcome, String message) {
    return new Replayed(decided.sequence(), decided.verdict(), outcome, message);
  }
}
