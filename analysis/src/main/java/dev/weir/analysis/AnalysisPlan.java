// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.proof.ProofScope;
import dev.weir.analysis.proof.RampPlan;
import dev.weir.analysis.sequential.DispersionDivisor;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// All parameters, fixed before a rollout's first request, so that nothing can be tuned to the
/// data. A changed plan requires a new rollout.
///
/// @param alpha maximum probability, per rollout, that a healthy canary is reverted
/// @param beta maximum probability, per proof, that a canary worse than a gating margin is promoted
/// @param minStepDurationMillis minimum time in a step
/// @param maxStepDurationMillis time after which a step without a verdict is inconclusive
/// @param minimumCanaryCompletions canary requests that a step needs before promotion
/// @param dispersion divisor phi >= 1 of latency evidence, against noise that affects only one arm
/// @param dispersionAssumed whether phi was assumed rather than chosen; only in plans of earlier
///   versions
/// @param dispersionLearned whether the divisor of latency evidence is learned during the release;
///   then `dispersion` is not used, and `calibration` is the prior
/// @param sliceMillis nominal length of an arrival slice
/// @param firstTokenTimeoutMillis the gateway's deadline for the first token
/// @param totalTimeoutMillis the gateway's deadline for a whole request
/// @param metrics the metrics in use; the share of alpha of absent metrics stays unused
/// @param calibration measured divisors; they replace `dispersion` for the metrics that they
///   contain
/// @param steps overrides of single steps, by step number
/// @param gradeMillis maximum time from the end of a response to its grade; 0 without grading
/// @param gradedShare share of requests that are graded, in (0, 1]; 0 without grading
/// @param proof the part of the release that one proof of safety covers
/// @param ramp how the weight increases by evidence; empty for fixed steps
/// @param maxDurationMillis time since the first step, or the last resume, after which a ramp
///   without a verdict is inconclusive, above 0
public record AnalysisPlan(
    double alpha,
    double beta,
    long minStepDurationMillis,
    long maxStepDurationMillis,
    int minimumCanaryCompletions,
    double dispersion,
    boolean dispersionAssumed,
    boolean dispersionLearned,
    long sliceMillis,
    long firstTokenTimeoutMillis,
    long totalTimeoutMillis,
    Map<ReleaseMetric, MetricPlan> metrics,
    Optional<Calibration> calibration,
    Map<Integer, StepPlan> steps,
    long gradeMillis,
    double gradedShare,
    ProofScope proof,
    Optional<RampPlan> ramp,
    Optional<Long> maxDurationMillis) {

  public AnalysisPlan {
    require(alpha > 0 && alpha < 1, "alpha must be in (0, 1) but is " + alpha);
    require(beta > 0 && beta < 1, "beta must be in (0, 1) but is " + beta);
    require(
        minStepDurationMillis >= 0 && maxStepDurationMillis > minStepDurationMillis,
        "step durations must satisfy 0 <= min < max but are %d and %d ms"
            .formatted(minStepDurationMillis, maxStepDurationMillis));
    require(minimumCanaryCompletions >= 0, "minimumCanaryCompletions must not be negative");
    require(
        dispersion >= 1 && Double.isFinite(dispersion),
        "dispersion must be a number >= 1 but is " + dispersion);
    require(sliceMillis > 0, "sliceMillis must be positive but is " + sliceMillis);
    require(
        firstTokenTimeoutMillis > 0 && totalTimeoutMillis >= firstTokenTimeoutMillis,
        "timeouts must satisfy 0 < firstToken <= total but are %d and %d ms"
            .formatted(firstTokenTimeoutMillis, totalTimeoutMillis));
    require(!metrics.isEmpty(), "an analysis needs at least one metric");
    require(
        gradeMillis >= 0 && gradedShare >= 0 && gradedShare <= 1,
        "grading needs gradeMillis >= 0 and a share in [0, 1] but has %d ms and %s"
            .formatted(gradeMillis, gradedShare));
    require(
        (gradeMillis > 0 && gradedShare > 0)
            || metrics.keySet().stream().noneMatch(ReleaseMetric::waitsForGrade),
        "quality is judged only where answers are graded");
    require(
        maxDurationMillis.map(max -> max > 0).orElse(true),
        "maxDurationMillis must be positive but is " + maxDurationMillis);
    require(
        ramp.isEmpty() || proof == ProofScope.RELEASE,
        "a ramp needs one proof for the whole release");
    require(
        ramp.isEmpty() || RampTracker.FAILURES.stream().anyMatch(metrics::containsKey),
        "a ramp needs metric error, truncated or refusal: give one of them a weight");
    metrics = Collections.unmodifiableMap(new EnumMap<>(metrics));
    metrics.forEach(AnalysisPlan::checkRange);
    double weights = metrics.values().stream().mapToDouble(MetricPlan::weight).sum();
    require(weights <= 1 + 1e-9, "metric weights must sum to at most 1 but sum to " + weights);
    steps = Collections.unmodifiableMap(new TreeMap<>(steps));
    for (StepPlan step : steps.values()) {
      metrics.forEach((metric, plan) -> checkRange(metric, step.applied(metric, plan)));
    }
  }

  /// Reads a plan from JSON that this or the previous version of the program wrote.
  ///
  /// @throws IllegalArgumentException if it is not a plan
  public static AnalysisPlan fromJson(String json) {
    return AnalysisState.readPlan(json);
  }

  /// The defaults, verified by simulation: section 9 of the specification. Without [#withGrading],
  /// the share of alpha for quality stays unused.
  public static AnalysisPlan defaults() {
    return new AnalysisPlan(
        .01,
        .05,
        120_000,
        1_800_000,
        50,
        1,
        false,
        true,
        5_000,
        10_000,
        120_000,
        defaults(false),
        Optional.empty(),
        Map.of(),
        0,
        0,
        ProofScope.RELEASE,
        Optional.empty(),
        Optional.empty());
  }

  /// The default plans of the metrics that wait, or do not wait, for grades.
  private static Map<ReleaseMetric, MetricPlan> defaults(boolean graded) {
    Map<ReleaseMetric, MetricPlan> metrics = new EnumMap<>(ReleaseMetric.class);
    for (ReleaseMetric metric : ReleaseMetric.values()) {
      if (metric.waitsForGrade() == graded) {
        metrics.put(metric, metric.defaults());
      }
    }
    return metrics;
  }

  public AnalysisPlan withErrorRates(double newAlpha, double newBeta) {
    return with(draft -> {
      draft.alpha = newAlpha;
      draft.beta = newBeta;
    });
  }

  public AnalysisPlan withStepDurations(long minMillis, long maxMillis) {
    return with(draft -> {
      draft.minStepDurationMillis = minMillis;
      draft.maxStepDurationMillis = maxMillis;
    });
  }

  /// A copy with an explicit phi, which is neither assumed nor learned.
  public AnalysisPlan withDispersion(double phi) {
    return with(draft -> {
      draft.dispersion = phi;
      draft.dispersionAssumed = false;
      draft.dispersionLearned = false;
    });
  }

  /// A copy with measured divisors, which are not flagged as assumed; other metrics keep
  /// `dispersion`.
  public AnalysisPlan withCalibration(Calibration measured) {
    return with(draft -> {
      draft.calibration = Optional.of(measured);
      draft.dispersionAssumed = false;
    });
  }

  public AnalysisPlan withSliceMillis(long millis) {
    return with(draft -> draft.sliceMillis = millis);
  }

  public AnalysisPlan withTimeouts(long firstTokenMillis, long totalMillis) {
    return with(draft -> {
      draft.firstTokenTimeoutMillis = firstTokenMillis;
      draft.totalTimeoutMillis = totalMillis;
    });
  }

  /// A copy with one metric replaced or added.
  public AnalysisPlan withMetric(ReleaseMetric metric, MetricPlan metricPlan) {
    Map<ReleaseMetric, MetricPlan> changed = new EnumMap<>(metrics);
    changed.put(metric, metricPlan);
    return withMetrics(changed);
  }

  public AnalysisPlan withMetrics(Map<ReleaseMetric, MetricPlan> newMetrics) {
    return with(draft -> draft.metrics = newMetrics);
  }

  public AnalysisPlan withSteps(Map<Integer, StepPlan> newSteps) {
    return with(draft -> draft.steps = newSteps);
  }

  /// A copy in which every response is graded.
  ///
  /// @param withinMillis maximum time from the end of a response to its grade, above 0
  public AnalysisPlan withGrading(long withinMillis) {
    return withGrading(withinMillis, 1);
  }

  /// A copy with grading, in which the metrics of grades have their default plans.
  ///
  /// @param withinMillis maximum time from the end of a response to its grade, above 0
  /// @param share share of requests whose responses are graded, in (0, 1]; used only for forecasts
  public AnalysisPlan withGrading(long withinMillis, double share) {
    Map<ReleaseMetric, MetricPlan> more = new EnumMap<>(metrics);
    more.putAll(defaults(true));
    return with(draft -> {
      draft.metrics = more;
      draft.gradeMillis = withinMillis;
      draft.gradedShare = share;
    });
  }

  /// A copy with another scope of the proof.
  public AnalysisPlan withProof(ProofScope scope) {
    return with(draft -> draft.proof = scope);
  }

  /// A copy whose weight increases by evidence, with one proof for the release.
  public AnalysisPlan withRamp(RampPlan weights) {
    return with(draft -> {
      draft.proof = ProofScope.RELEASE;
      draft.ramp = Optional.of(weights);
    });
  }

  /// A copy with a time limit for the whole ramp.
  public AnalysisPlan withMaxDuration(long millis) {
    return with(draft -> draft.maxDurationMillis = Optional.of(millis));
  }

  private AnalysisPlan with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.plan();
  }

  private static final class Draft {
    private final int minimumCanaryCompletions;
    private double alpha;
    private double beta;
    private long minStepDurationMillis;
    private long maxStepDurationMillis;
    private double dispersion;
    private boolean dispersionAssumed;
    private boolean dispersionLearned;
    private long sliceMillis;
    private long firstTokenTimeoutMillis;
    private long totalTimeoutMillis;
    private Map<ReleaseMetric, MetricPlan> metrics;
    private Optional<Calibration> calibration;
    private Map<Integer, StepPlan> steps;
    private long gradeMillis;
    private double gradedShare;
    private ProofScope proof;
    private Optional<RampPlan> ramp;
    private Optional<Long> maxDurationMillis;

    Draft(AnalysisPlan of) {
      alpha = of.alpha;
      beta = of.beta;
      minStepDurationMillis = of.minStepDurationMillis;
      maxStepDurationMillis = of.maxStepDurationMillis;
      minimumCanaryCompletions = of.minimumCanaryCompletions;
      dispersion = of.dispersion;
      dispersionAssumed = of.dispersionAssumed;
      dispersionLearned = of.dispersionLearned;
      sliceMillis = of.sliceMillis;
      firstTokenTimeoutMillis = of.firstTokenTimeoutMillis;
      totalTimeoutMillis = of.totalTimeoutMillis;
      metrics = of.metrics;
      calibration = of.calibration;
      steps = of.steps;
      gradeMillis = of.gradeMillis;
      gradedShare = of.gradedShare;
      proof = of.proof;
      ramp = of.ramp;
      maxDurationMillis = of.maxDurationMillis;
    }

    AnalysisPlan plan() {
      return new AnalysisPlan(
          alpha,
          beta,
          minStepDurationMillis,
          maxStepDurationMillis,
          minimumCanaryCompletions,
          dispersion,
          dispersionAssumed,
          dispersionLearned,
          sliceMillis,
          firstTokenTimeoutMillis,
          totalTimeoutMillis,
          metrics,
          calibration,
          steps,
          gradeMillis,
          gradedShare,
          proof,
          ramp,
          maxDurationMillis);
    }
  }

  /// The plan of one metric in use.
  ///
  /// @throws IllegalArgumentException if the plan does not use that metric
  public MetricPlan metric(ReleaseMetric metric) {
    MetricPlan found = metrics.get(metric);
    if (found == null) {
      throw new IllegalArgumentException("metric " + metric + " is not part of this plan");
    }
    return found;
  }

  /// The plan of one metric in use, with the overrides of a step.
  public MetricPlan metric(ReleaseMetric metric, int step) {
    return steps.getOrDefault(step, StepPlan.NONE).applied(metric, metric(metric));
  }

  /// The slowdowns that a ramp tests for a metric.
  List<Double> slowdowns(ReleaseMetric metric) {
    return ramp.isPresent() && metric == ReleaseMetric.TTFT ? RampPlan.SLOWDOWNS : List.of();
  }

  /// Whether the divisor of a metric is learned during the release.
  boolean learns(ReleaseMetric metric) {
    return dispersionLearned && metric.kind() == ReleaseMetric.Kind.LATENCY;
  }

  /// The divisors of a metric that were measured before the release.
  Optional<DispersionDivisor> measured(ReleaseMetric metric) {
    return calibration.filter(of -> of.phi().containsKey(metric)).map(of -> of.of(metric));
  }

  /// The dispersion divisors of a metric, without what the release learns.
  DispersionDivisor phi(ReleaseMetric metric) {
    if (metric.kind() == ReleaseMetric.Kind.LENGTH) {
      return DispersionDivisor.fixed(1); // no pod writes longer answers because it is slow
    }
    return measured(metric).orElseGet(() -> DispersionDivisor.fixed(dispersion));
  }

  // With a margin of one half or more, the "worse" hypothesis could never be refuted.
  private static void checkRange(ReleaseMetric metric, MetricPlan plan) {
    require(
        !metric.kind().absolute() || plan.margin() < .5,
        metric + " margin must be below 0.5 but is " + plan.margin());
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw new IllegalArgumentException(message);
    }
  }
}
