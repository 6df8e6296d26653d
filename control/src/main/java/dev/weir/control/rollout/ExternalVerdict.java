// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.analysis.AnalysisEvidence;
import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.Decisions;
import dev.weir.analysis.HoldReason;
import dev.weir.analysis.Verdict;
import dev.weir.control.external.ExternalMetricResult;
import dev.weir.model.spec.ReleaseSpec.MetricAction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The effect of external metrics on a verdict: they may block what the statistics allow, but they
/// never allow what the statistics block. Missing data, or a provider that does not answer, blocks
/// the rollout and never causes a rollback.
final class ExternalVerdict {
  private ExternalVerdict() {}

  /// The verdict with the external metrics.
  static Verdict of(
      Verdict statistical,
      AnalysisEvidence evidence,
      AnalysisPlan plan,
      List<ExternalMetricResult> results) {
    List<HoldReason> holds = holds(results);
    List<String> waiting =
        results.stream()
            .filter(result -> result.binds() && result.kind() == ExternalMetricResult.Kind.RUNNING)
            .map(ExternalMetricResult::detail)
            .toList();
    boolean late = Decisions.overdue(evidence, plan);
    return switch (statistical) {
      case Verdict.Revert revert -> revert;
      case Verdict.Inconclusive inconclusive -> inconclusive;
      case Verdict.StepDown down -> down;
      case Verdict.Climb climb -> holds.isEmpty() ? climb : new Verdict.Hold(holds);
      case Verdict.Hold hold -> new Verdict.Hold(both(hold.reasons(), holds));
      case Verdict.Continue going ->
          holds.isEmpty()
              ? new Verdict.Continue(both(going.waitingFor(), waiting))
              : new Verdict.Hold(holds);
      case Verdict.Promote promote -> promoted(promote, holds, waiting, late);
    };
  }

  private static Verdict promoted(
      Verdict.Promote promote, List<HoldReason> holds, List<String> waiting, boolean late) {
    if (holds.isEmpty() && waiting.isEmpty()) {
      return promote;
    }
    if (late) {
      List<String> lacking = both(holds.stream().map(HoldReason::toString).toList(), waiting);
      return new Verdict.Inconclusive("the step's time is over: " + String.join("; ", lacking));
    }
    return holds.isEmpty() ? new Verdict.Continue(waiting) : new Verdict.Hold(holds);
  }

  /// The reason for a rollback; empty when none is needed.
  static Optional<String> harm(List<ExternalMetricResult> results) {
    return results.stream()
        .filter(result -> result.binds() && result.kind() == ExternalMetricResult.Kind.FAILED)
        .filter(result -> result.action() == MetricAction.ROLLBACK)
        .map(ExternalMetricResult::detail)
        .findFirst();
  }

  private static List<HoldReason> holds(List<ExternalMetricResult> results) {
    List<HoldReason> holds = new ArrayList<>();
    for (ExternalMetricResult result : results) {
      Optional<HoldReason.Kind> kind =
          switch (result.kind()) {
            case RUNNING, PASSED -> Optional.empty();
            case FAILED -> Optional.of(HoldReason.Kind.EXTERNAL_HARM);
            case NO_DATA -> Optional.of(HoldReason.Kind.EXTERNAL_NO_DATA);
            case PROVIDER_ERROR -> Optional.of(HoldReason.Kind.EXTERNAL_ERROR);
          };
      if (result.binds()) {
        kind.ifPresent(of -> holds.add(new HoldReason(of, result.detail())));
      }
    }
    return holds;
  }

  private static <T> List<T> both(List<T> first, List<T> second) {
    List<T> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
