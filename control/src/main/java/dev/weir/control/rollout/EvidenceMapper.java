// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.analysis.Agreement;
import dev.weir.analysis.AnalysisEvidence.Allocation;
import dev.weir.analysis.AnalysisEvidence.MetricResult;
import dev.weir.analysis.AnalysisEvidence.Quantile;
import dev.weir.analysis.AnalysisEvidence.Safe;
import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.Calibration;
import dev.weir.analysis.Decisions;
import dev.weir.analysis.HoldReason;
import dev.weir.analysis.SplitSource;
import dev.weir.analysis.Stratum;
import dev.weir.analysis.Verdict;
import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.control.external.ExternalMetricResult;
import dev.weir.control.observation.ObservationStore;
import dev.weir.control.rollout.AnalysisRunner.AnalysisResult;
import dev.weir.control.rollout.machine.NumberText;
import dev.weir.control.rollout.machine.RolloutDecision.Finding;
import dev.weir.model.Rollout;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.Evidence.MetricEvidence;
import dev.weir.model.view.Evidence.Moment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// A decision with its numbers, in the form that users see and that can be replayed.
final class EvidenceMapper {
  private static final double MILLIS_PER_SECOND = 1_000;

  /// The number of generated requests after which some must be complete.
  private static final long MANY_ASKED = 1_000;

  private EvidenceMapper() {}

  /// The content of `replay`: `Decisions.decide(evidence, plan)` computes the verdict of the
  /// statistics again; with external metrics, [ExternalVerdict#of] computes the final verdict.
  record Numbers(
      AnalysisPlan plan,
      dev.weir.analysis.AnalysisEvidence evidence,
      List<ExternalMetricResult> external) {}

  static Evidence of(
      Rollout rollout,
      int sequence,
      Instant at,
      Finding finding,
      Optional<AnalysisResult> analysisResult) {
    return new Evidence(
        rollout.metadata().name(),
        sequence,
        at,
        rollout.status().step(),
        rollout.status().weight(),
        finding.verdict(),
        finding.reason(),
        finding.decidedBy(),
        analysisResult.map(EvidenceMapper::metrics).orElse(List.of()),
        analysisResult.map(EvidenceMapper::flags).orElse(List.of()),
        analysisResult
            .map(s ->
                ObservationStore.json(new Numbers(s.plan(), s.look().evidence(), s.external())))
            .orElse(""),
        analysisResult.map(EvidenceMapper::history).orElse(List.of()));
  }

  /// The numbers of the latest analysis, in the form of a decision that was not made.
  static Evidence latest(Rollout rollout, AnalysisResult analysisResult) {
    return new Evidence(
        rollout.metadata().name(),
        0,
        Instant.ofEpochMilli(analysisResult.look().evidence().atMillis()),
        rollout.status().step(),
        rollout.status().weight(),
        "Continue",
        "",
        List.of(),
        metrics(analysisResult),
        flags(analysisResult),
        "",
        history(analysisResult));
  }

  /// The evidence so far in one line: `error 2.1/3.0, ttft p95 1.4/3.0`, each the log of the
  /// evidence for safety against what it needs.
  static String progress(AnalysisResult analysisResult) {
    List<String> parts = new ArrayList<>();
    Decisions.gating(analysisResult.look().evidence(), analysisResult.plan())
        .forEach(metric ->
            safest(metricOf(analysisResult, metric))
                .ifPresent(safe ->
                    parts.add(
                        "%s%s %.1f/%.1f"
                            .formatted(
                                metric.manifestName(),
                                metric.kind().absolute() ? "" : " " + safe.what(),
                                safe.logE(),
                                safe.threshold()))));
    String forecast =
        analysisResult.forecast().isEmpty()
            ? ""
            : " (%s)".formatted(String.join("; ", analysisResult.forecast()));
    return String.join(", ", parts) + forecast;
  }

  private static List<Moment> history(AnalysisResult analysisResult) {
    return analysisResult.look().evidence().history().stream()
        .map(moment ->
            new Moment(
                Instant.ofEpochMilli(moment.atMillis()),
                moment.step(),
                named(moment.harm()),
                named(moment.safe())))
        .toList();
  }

  private static Map<String, Double> named(Map<ReleaseMetric, Double> byMetric) {
    Map<String, Double> named = new TreeMap<>();
    byMetric.forEach((metric, value) -> named.put(metric.manifestName(), value));
    return named;
  }

  /// Remarks on how far the numbers can be trusted.
  static List<String> flags(AnalysisResult analysisResult) {
    List<String> flags = new ArrayList<>();
    if (analysisResult.plan().dispersionAssumed()) {
      flags.add("dispersion assumed " + NumberText.number(analysisResult.plan().dispersion()));
    }
    learned(analysisResult.look().evidence()).ifPresent(flags::add);
    analysisResult.plan().calibration().ifPresent(measured -> flags.add(calibrated(measured)));
    flags.addAll(analysisResult.forecast());
    analysisResult.external().forEach(result -> flags.add("external " + result.detail()));
    if (analysisResult.losses() > 0) {
      flags.add(
          "analysis state was lost %d times: alpha is %s"
              .formatted(analysisResult.losses(), analysisResult.look().evidence().alpha()));
    }
    if (analysisResult.look().evidence().slices().missing() > 0) {
      flags.add(
          "%d slices are missing".formatted(analysisResult.look().evidence().slices().missing()));
    }
    if (analysisResult.look().evidence().allocation().split() == SplitSource.REALISED) {
      flags.add("compared by the split that came about: it did not fit the weight");
    }
    mirrored(analysisResult.look().evidence()).ifPresent(flags::add);
    analysisResult
        .look()
        .evidence()
        .generated()
        .forEach((stratum, asked) -> {
          if (stratum.generated()) {
            generated(analysisResult, stratum, asked).ifPresent(flags::add);
          }
        });
    Decisions.warnings(analysisResult.look().evidence(), analysisResult.plan())
        .forEach(metric -> flags.add(metric + " is worse than tolerated; it only warns"));
    if (analysisResult.look().verdict() instanceof Verdict.Hold(List<HoldReason> reasons)) {
      reasons.forEach(reason -> flags.add(reason.toString()));
    }
    return flags;
  }

  /// The divisors that the release has learned.
  private static Optional<String> learned(dev.weir.analysis.AnalysisEvidence evidence) {
    List<String> divided = new ArrayList<>();
    evidence
        .metrics()
        .forEach((metric, of) ->
            of.learnedDivisor()
                .filter(divisor -> divisor > 1)
                .ifPresent(divisor ->
                    divided.add("%s by %s".formatted(metric, NumberText.number(divisor)))));
    return divided.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "replicas of one version differ: evidence is divided for "
                + String.join(", ", divided));
  }

  /// The number of pairs and their agreement. They are reported and have no effect on the verdict.
  private static Optional<String> mirrored(dev.weir.analysis.AnalysisEvidence evidence) {
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
        .formatted(NumberText.number(agreement.mean().getAsDouble()), greedy);
  }

  /// The share of generated requests in the sample, for the metric with the highest share.
  private static Optional<String> generated(
      AnalysisResult analysisResult, Stratum stratum, Allocation asked) {
    long all = asked.canary() + asked.baseline();
    Optional<MetricResult> most =
        analysisResult.look().evidence().metrics().values().stream()
            .max(Comparator.comparingLong(of -> of.generated().canary()));
    long canary = most.map(of -> of.generated().canary()).orElse(0L);
    if (canary == 0) {
      return all < MANY_ASKED
          ? Optional.empty()
          : Optional.of(
              "%d %s were asked and no answer counts yet: does the engine refuse them?"
                  .formatted(all, stratum.description()));
    }
    return Optional.of(
        "%d of %d canary samples are %s"
            .formatted(canary, most.orElseThrow().rollout().canary(), stratum.description()));
  }

  private static String calibrated(Calibration measured) {
    List<String> largest = new ArrayList<>();
    measured
        .phi()
        .forEach((metric, phi) ->
            largest.add(metric + " up to " + NumberText.number(Collections.max(phi))));
    return "dispersion %s: %s"
        .formatted(
            measured.earlier() ? "of the last rollout" : "measured", String.join(", ", largest));
  }

  static List<MetricEvidence> metrics(AnalysisResult analysisResult) {
    return analysisResult.plan().metrics().keySet().stream()
        .map(m -> metric(analysisResult, m))
        .toList();
  }

  private static MetricEvidence metric(AnalysisResult analysisResult, ReleaseMetric metric) {
    MetricResult of = metricOf(analysisResult, metric);
    MetricPlan plan = analysisResult.plan().metric(metric, analysisResult.look().evidence().step());
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
        plan.dryRun(),
        metric.kind().text());
  }

  /// Adds the kinds of metrics to evidence that an older version of the program stored without
  /// them.
  static Evidence withKinds(Evidence evidence) {
    return new Evidence(
        evidence.rollout(),
        evidence.sequence(),
        evidence.at(),
        evidence.step(),
        evidence.weight(),
        evidence.verdict(),
        evidence.reason(),
        evidence.decidedBy(),
        evidence.metrics().stream().map(EvidenceMapper::withKind).toList(),
        evidence.flags(),
        evidence.replay(),
        evidence.history());
  }

  private static MetricEvidence withKind(MetricEvidence metric) {
    return metric.kind().isEmpty()
        ? ReleaseMetric.named(metric.metric())
            .map(known -> metric.withKind(known.kind().text()))
            .orElse(metric)
        : metric;
  }

  /// The mean grade, 0 (worst) to 1; 0 when nothing is graded.
  private static double grade(long graded, double meanBadness) {
    return graded == 0 ? 0 : 1 - meanBadness / Observation.BEST;
  }

  private static double median(
      ReleaseMetric metric, MetricResult of, Function<Quantile, Optional<Double>> side) {
    double unit = metric.kind() == ReleaseMetric.Kind.LENGTH ? 1 : MILLIS_PER_SECOND;
    return of.quantiles().stream()
        .filter(quantile -> quantile.q() == .5)
        .findFirst()
        .flatMap(side)
        .map(value -> value / unit)
        .orElse(0.0);
  }

  private static Optional<Safe> safest(MetricResult of) {
    return of.safe().stream().min((a, b) -> Double.compare(a.logE(), b.logE()));
  }

  private static MetricResult metricOf(AnalysisResult analysisResult, ReleaseMetric metric) {
    return Optional.ofNullable(analysisResult.look().evidence().metrics().get(metric))
        .orElseThrow();
  }
}
