// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.analysis.Agreement;
import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.Calibration;
import dev.weir.analysis.Decisions;
import dev.weir.analysis.Evidence.Allocation;
import dev.weir.analysis.Evidence.OfMetric;
import dev.weir.analysis.Evidence.Quantile;
import dev.weir.analysis.Evidence.Safe;
import dev.weir.analysis.HoldReason;
import dev.weir.analysis.Metric;
import dev.weir.analysis.MetricPlan;
import dev.weir.analysis.Observation;
import dev.weir.analysis.Split;
import dev.weir.analysis.Stratum;
import dev.weir.analysis.Verdict;
import dev.weir.control.external.Result;
import dev.weir.control.observation.Notes;
import dev.weir.control.rollout.AnalysisDesk.Sight;
import dev.weir.control.rollout.Step.Finding;
import dev.weir.model.Evidence;
import dev.weir.model.Evidence.MetricEvidence;
import dev.weir.model.Evidence.Moment;
import dev.weir.model.Rollout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// A decision and the numbers it was made from, in the form that users see and that can be
/// replayed.
final class EvidenceForm {
  private static final double MILLIS_PER_SECOND = 1_000;

  /// Of so many generated requests some should be over.
  private static final long MANY_ASKED = 1_000;

  private EvidenceForm() {}

  /// What `replay` holds: `Decisions.decide(evidence, plan)` gives the verdict of the statistics
  /// again; with external metrics, [ExternalJudgement#of] makes of it what it made then.
  record Numbers(AnalysisPlan plan, dev.weir.analysis.Evidence evidence, List<Result> external) {}

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
            .map(s -> Notes.json(new Numbers(s.plan(), s.look().evidence(), s.external())))
            .orElse(""),
        sight.map(EvidenceForm::history).orElse(List.of()));
  }

  /// The evidence so far in one line: `error 2.1/3.0, ttft p95 1.4/3.0`, each the log of the
  /// evidence for safety against what it needs.
  static String progress(Sight sight) {
    List<String> parts = new ArrayList<>();
    Decisions.gating(sight.look().evidence(), sight.plan())
        .forEach(metric ->
            safest(metricOf(sight, metric))
                .ifPresent(safe ->
                    parts.add(
                        "%s%s %.1f/%.1f"
                            .formatted(
                                metric.manifestName(),
                                metric.kind().absolute() ? "" : " " + safe.what(),
                                safe.logE(),
                                safe.threshold()))));
    String forecast =
        sight.forecast().isEmpty() ? "" : " (%s)".formatted(String.join("; ", sight.forecast()));
    return String.join(", ", parts) + forecast;
  }

  private static List<Moment> history(Sight sight) {
    return sight.look().evidence().history().stream()
        .map(moment ->
            new Moment(
                Instant.ofEpochMilli(moment.atMillis()),
                moment.step(),
                named(moment.harm()),
                named(moment.safe())))
        .toList();
  }

  private static Map<String, Double> named(Map<Metric, Double> byMetric) {
    Map<String, Double> named = new TreeMap<>();
    byMetric.forEach((metric, value) -> named.put(metric.manifestName(), value));
    return named;
  }

  /// Remarks on how far the numbers can be trusted.
  static List<String> flags(Sight sight) {
    List<String> flags = new ArrayList<>();
    if (sight.plan().dispersionAssumed()) {
      flags.add("dispersion assumed " + Texts.number(sight.plan().dispersion()));
    }
    sight.plan().calibration().ifPresent(measured -> flags.add(calibrated(measured)));
    flags.addAll(sight.forecast());
    sight.external().forEach(result -> flags.add("external " + result.detail()));
    if (sight.losses() > 0) {
      flags.add(
          "analysis state was lost %d times: alpha is %s"
              .formatted(sight.losses(), sight.look().evidence().alpha()));
    }
    if (sight.look().evidence().slices().missing() > 0) {
      flags.add("%d slices are missing".formatted(sight.look().evidence().slices().missing()));
    }
    if (sight.look().evidence().allocation().split() == Split.REALISED) {
      flags.add("compared by the split that came about: it did not fit the weight");
    }
    mirrored(sight.look().evidence()).ifPresent(flags::add);
    sight
        .look()
        .evidence()
        .generated()
        .forEach((stratum, asked) -> {
          if (stratum.generated()) {
            generated(sight, stratum, asked).ifPresent(flags::add);
          }
        });
    Decisions.warnings(sight.look().evidence(), sight.plan())
        .forEach(metric -> flags.add(metric + " is worse than tolerated; it only warns"));
    if (sight.look().verdict() instanceof Verdict.Hold(List<HoldReason> reasons)) {
      reasons.forEach(reason -> flags.add(reason.toString()));
    }
    return flags;
  }

  /// How many pairs there were, and how far their answers agreed: told, never asked.
  private static Optional<String> mirrored(dev.weir.analysis.Evidence evidence) {
    return Optional.ofNullable(evidence.generated().get(Stratum.MIRRORED))
        .map(pairs ->
            "%d mirrored requests".formatted(pairs.baseline()) + agreed(evidence.agreement()));
  }

  private static String agreed(Agreement agreement) {
    if (agreement.mean().isEmpty()) {
      return "";
    }
    String greedy =
        agreement.greedy() == 0
            ? ""
            : ", %d of %d at temperature 0 the same"
                .formatted(agreement.identical(), agreement.greedy());
    return "; answers agree %s on average%s (two runs of one version differ too)"
        .formatted(Texts.number(agreement.mean().getAsDouble()), greedy);
  }

  /// How much of the sample no client asked for, by the metric that counts most of it.
  private static Optional<String> generated(Sight sight, Stratum stratum, Allocation asked) {
    long all = asked.canary() + asked.baseline();
    Optional<OfMetric> most =
        sight.look().evidence().metrics().values().stream()
            .max(Comparator.comparingLong(of -> of.generated().canary()));
    long canary = most.map(of -> of.generated().canary()).orElse(0L);
    if (canary == 0) {
      return all < MANY_ASKED
          ? Optional.empty()
          : Optional.of(
              "%d %s were asked and no answer counts yet: does the engine refuse them?"
                  .formatted(all, stratum.told()));
    }
    return Optional.of(
        "%d of %d canary samples are %s"
            .formatted(canary, most.orElseThrow().rollout().canary(), stratum.told()));
  }

  private static String calibrated(Calibration measured) {
    List<String> largest = new ArrayList<>();
    measured
        .phi()
        .forEach(
            (metric, phi) -> largest.add(metric + " up to " + Texts.number(Collections.max(phi))));
    return "dispersion %s: %s"
        .formatted(
            measured.earlier() ? "of the last rollout" : "measured", String.join(", ", largest));
  }

  static List<MetricEvidence> metrics(Sight sight) {
    return sight.plan().metrics().keySet().stream().map(m -> metric(sight, m)).toList();
  }

  private static MetricEvidence metric(Sight sight, Metric metric) {
    OfMetric of = metricOf(sight, metric);
    MetricPlan plan = sight.plan().metric(metric, sight.look().evidence().step());
    Optional<Safe> safe = safest(of);
    return new MetricEvidence(
        metric.manifestName(),
        plan.gates(),
        of.rollout().canary(),
        of.rollout().canaryBad(),
        of.rollout().baseline(),
        of.rollout().baselineBad(),
        switch (metric.kind()) {
          case RATE -> of.rollout().canaryRate();
          case SCORE -> grade(of.rollout().canary(), of.rollout().canaryRate());
          case LATENCY, LENGTH -> median(metric, of, Quantile::canaryMillis);
        },
        switch (metric.kind()) {
          case RATE -> of.rollout().baselineRate();
          case SCORE -> grade(of.rollout().baseline(), of.rollout().baselineRate());
          case LATENCY, LENGTH -> median(metric, of, Quantile::baselineMillis);
        },
        plan.tolerance(),
        plan.margin(),
        of.harm().logE(),
        of.harm().threshold(),
        safe.map(Safe::logE).orElse(0.0),
        safe.map(Safe::threshold).orElse(0.0),
        AnalysisPlans.named(plan.action()).text(),
        plan.dryRun());
  }

  /// The mean grade, 0 (worst) to 1; 0 where nothing is graded.
  private static double grade(long graded, double meanBadness) {
    return graded == 0 ? 0 : 1 - meanBadness / Observation.BEST;
  }

  private static double median(
      Metric metric, OfMetric of, Function<Quantile, Optional<Double>> side) {
    double unit = metric.kind() == Metric.Kind.LENGTH ? 1 : MILLIS_PER_SECOND;
    return of.quantiles().stream()
        .filter(quantile -> quantile.q() == .5)
        .findFirst()
        .flatMap(side)
        .map(value -> value / unit)
        .orElse(0.0);
  }

  private static Optional<Safe> safest(OfMetric of) {
    return of.safe().stream().min((a, b) -> Double.compare(a.logE(), b.logE()));
  }

  private static OfMetric metricOf(Sight sight, Metric metric) {
    return Optional.ofNullable(sight.look().evidence().metrics().get(metric)).orElseThrow();
  }
}
