// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.proof.RampPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The rules by which the weight of a ramp changes. They only move requests: a ramp is promoted and
/// reverted by the same proofs as any release.
final class RampDecisions {
  private static final long SUSPECTED_MILLIS = 30_000;
  private static final long BETWEEN_DECREASES_MILLIS = 60_000;

  private static final double NEEDS_TWICE = RampPlan.SLOWDOWN_WEIGHTS.getFirst();
  private static final double NEEDS_HALF_SLOWER = RampPlan.SLOWDOWN_WEIGHTS.getLast();

  private RampDecisions() {}

  /// The largest share of a harm threshold that a metric that reverts has reached.
  static double worstShare(
      Map<ReleaseMetric, AnalysisEvidence.MetricResult> metrics, AnalysisPlan plan) {
    return worst(metrics, plan).map(worst -> share(worst.getValue())).orElse(0.0);
  }

  private static Optional<Map.Entry<ReleaseMetric, AnalysisEvidence.MetricResult>> worst(
      Map<ReleaseMetric, AnalysisEvidence.MetricResult> metrics, AnalysisPlan plan) {
    return metrics.entrySet().stream()
        .filter(of -> plan.metric(of.getKey()).triggers(MetricPlan.Action.REVERT))
        .max(Comparator.comparingDouble(of -> share(of.getValue())));
  }

  private static double share(AnalysisEvidence.MetricResult of) {
    return of.harm().logE() / of.harm().threshold();
  }

  /// A decrease by one step, if a metric has looked harmful for half a minute. Decreases are at
  /// least a minute apart. A weight whose exposure is allowed even if every answer is bad stays: at
  /// a smaller one, it would take longer to find out.
  static Optional<Verdict> decrease(
      AnalysisEvidence evidence, AnalysisEvidence.Ramp ramp, AnalysisPlan plan) {
    boolean suspected = ramp.suspectedMillis().orElse(0L) >= SUSPECTED_MILLIS;
    boolean settled = ramp.sinceDecreaseMillis().orElse(Long.MAX_VALUE) >= BETWEEN_DECREASES_MILLIS;
    double possible = of(plan).possibleBadAnswers(evidence.weight(), ramp.requestsPerSecond(), 1);
    boolean exposed = possible > of(plan).exposure();
    if (!suspected || !settled || !exposed || evidence.step() == 0) {
      return Optional.empty();
    }
    return worst(evidence.metrics(), plan)
        .map(worst -> {
          AnalysisEvidence.Harm harm = worst.getValue().harm();
          return new Verdict.StepDown(
              evidence.step(), worst.getKey(), harm.logE(), harm.threshold());
        });
  }

  /// The verdict below the largest weight: the largest weight that the evidence allows, or what the
  /// next one lacks.
  static Verdict below(AnalysisEvidence evidence, AnalysisEvidence.Ramp ramp, AnalysisPlan plan) {
    List<String> lacking = lackingHere(evidence, plan);
    lacking.addAll(lackingFor(evidence.step() + 1, ramp, plan));
    if (!lacking.isEmpty()) {
      return new Verdict.Continue(lacking);
    }
    int to = evidence.step() + 1;
    while (!of(plan).top(to) && lackingFor(to + 1, ramp, plan).isEmpty()) {
      to++;
    }
    return new Verdict.Climb(evidence.step(), to, ramp.failureBound());
  }

  private static RampPlan of(AnalysisPlan plan) {
    return plan.ramp().orElseThrow();
  }

  /// What the present weight lacks.
  private static List<String> lackingHere(AnalysisEvidence evidence, AnalysisPlan plan) {
    List<String> lacking = new ArrayList<>();
    if (evidence.stepElapsedMillis() < of(plan).minDwellMillis()) {
      lacking.add(
          "time at this weight %d of %d s"
              .formatted(evidence.stepElapsedMillis() / 1000, of(plan).minDwellMillis() / 1000));
    }
    if (evidence.canaryCompletions() < RampPlan.FEWEST_ANSWERS) {
      lacking.add(
          "canary completions %d of %d"
              .formatted(evidence.canaryCompletions(), RampPlan.FEWEST_ANSWERS));
    }
    if (worstShare(evidence.metrics(), plan) >= RampTracker.SUSPICIOUS) {
      lacking.add(
          "harm evidence of %s below half of its threshold".formatted(name(evidence, plan)));
    }
    return lacking;
  }

  /// What a larger weight lacks.
  private static List<String> lackingFor(int step, AnalysisEvidence.Ramp ramp, AnalysisPlan plan) {
    double weight = of(plan).weights().get(step);
    List<String> lacking = new ArrayList<>();
    double possible =
        of(plan).possibleBadAnswers(weight, ramp.requestsPerSecond(), ramp.failureBound());
    if (!of(plan).allows(weight, ramp.requestsPerSecond(), ramp.failureBound())) {
      lacking.add(
          "exposure: %s bad answers are possible at %s %%, %s are allowed"
              .formatted(number(possible), number(100 * weight), number(of(plan).exposure())));
    }
    if (weight > NEEDS_TWICE && !ramp.twiceAsSlowRefuted()) {
      lacking.add("proof that first tokens are not twice as slow");
    } else if (weight > NEEDS_HALF_SLOWER && !ramp.halfSlowerRefuted()) {
      lacking.add("proof that first tokens are not 1.5 times as slow");
    }
    return lacking;
  }

  private static String name(AnalysisEvidence evidence, AnalysisPlan plan) {
    return worst(evidence.metrics(), plan).map(of -> of.getKey().toString()).orElse("");
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.1f", value);
  }
}
