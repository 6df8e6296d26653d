// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.Evidence.OfMetric;
import dev.weir.analysis.Evidence.Quantile;
import dev.weir.analysis.Evidence.Safe;
import dev.weir.analysis.HoldReason;
import dev.weir.analysis.Metric;
import dev.weir.analysis.MetricPlan;
import dev.weir.analysis.Verdict;
import dev.weir.control.observation.Notes;
import dev.weir.control.rollout.AnalysisDesk.Sight;
import dev.weir.control.rollout.Step.Finding;
import dev.weir.model.Evidence;
import dev.weir.model.Evidence.MetricEvidence;
import dev.weir.model.Rollout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// A decision and the numbers it was made from, in the form that users see and that can be
/// replayed.
final class EvidenceForm {
  private static final double MILLIS_PER_SECOND = 1_000;

  private EvidenceForm() {}

  /// What `replay` holds: `Decisions.decide(evidence, plan)` gives the verdict again.
  record Replay(AnalysisPlan plan, dev.weir.analysis.Evidence evidence) {}

  static Evidence of(
      Rollout rollout, int sequence, Instant at, Finding finding, Optional<Sight> sight) {
    return new Evidence(
        rollout.metadata().name(),
        sequence,
        at,
        rollout.status().step(),
        rollout.status().weight(),
        finding.verdict(),
        finding.reason(),
        finding.decidedBy(),
        sight.map(EvidenceForm::metrics).orElse(List.of()),
        sight.map(EvidenceForm::flags).orElse(List.of()),
        sight
            .map(s -> Notes.json(new Replay(s.plan(), s.look().evidence())))
            .orElse(""));
  }

  /// The evidence so far in one line: `error 2.1/3.0, ttft p95 1.4/3.0`, each the log of the
  /// evidence for safety against what it needs.
  static String progress(Sight sight) {
    List<String> parts = new ArrayList<>();
    sight.plan().metrics().keySet().stream()
        .filter(metric -> plan(sight, metric).gating())
        .forEach(
            metric ->
                safest(metricOf(sight, metric))
                    .ifPresent(
                        safe ->
                            parts.add(
                                "%s%s %.1f/%.1f"
                                    .formatted(
                                        metric.manifestName(),
                                        safe.what().equals("rate") ? "" : " " + safe.what(),
                                        safe.logE(),
                                        safe.threshold()))));
    return String.join(", ", parts);
  }

  /// Remarks on how far the numbers can be trusted.
  static List<String> flags(Sight sight) {
    List<String> flags = new ArrayList<>();
    if (sight.plan().dispersionAssumed()) {
      flags.add("dispersion assumed " + Texts.number(sight.plan().dispersion()));
    }
    if (sight.losses() > 0) {
      flags.add(
          "analysis state was lost %d times: alpha is %s"
              .formatted(sight.losses(), sight.look().evidence().alpha()));
    }
    if (sight.look().evidence().slices().missing() > 0) {
      flags.add("%d slices are missing".formatted(sight.look().evidence().slices().missing()));
    }
    if (sight.look().verdict() instanceof Verdict.Hold(List<HoldReason> reasons)) {
      reasons.forEach(reason -> flags.add(reason.toString()));
    }
    return flags;
  }

  private static List<MetricEvidence> metrics(Sight sight) {
    return sight.plan().metrics().keySet().stream().map(m -> metric(sight, m)).toList();
  }

  private static MetricEvidence metric(Sight sight, Metric metric) {
    OfMetric of = metricOf(sight, metric);
    MetricPlan plan = plan(sight, metric);
    Optional<Safe> safe = safest(of);
    boolean rate = metric.kind() == Metric.Kind.RATE;
    return new MetricEvidence(
        metric.manifestName(),
        plan.gating(),
        of.rollout().canary(),
        of.rollout().canaryBad(),
        of.rollout().baseline(),
        of.rollout().baselineBad(),
        rate ? of.rollout().canaryRate() : medianSeconds(of, Quantile::canaryMillis),
        rate ? of.rollout().baselineRate() : medianSeconds(of, Quantile::baselineMillis),
        plan.tolerance(),
        plan.margin(),
        of.harm().logE(),
        of.harm().threshold(),
        safe.map(Safe::logE).orElse(0.0),
        safe.map(Safe::threshold).orElse(0.0));
  }

  private static double medianSeconds(
      OfMetric of, Function<Quantile, Optional<Double>> side) {
    return of.quantiles().stream()
        .filter(quantile -> quantile.q() == .5)
        .findFirst()
        .flatMap(side)
        .map(millis -> millis / MILLIS_PER_SECOND)
        .orElse(0.0);
  }

  private static Optional<Safe> safest(OfMetric of) {
    return of.safe().stream().min((a, b) -> Double.compare(a.logE(), b.logE()));
  }

  private static OfMetric metricOf(Sight sight, Metric metric) {
    return Optional.ofNullable(sight.look().evidence().metrics().get(metric)).orElseThrow();
  }

  private static MetricPlan plan(Sight sight, Metric metric) {
    return Optional.ofNullable(sight.plan().metrics().get(metric)).orElseThrow();
  }
}
