// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import static dev.weir.analysis.MetricPlan.Action.REVERT;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/// Everything that is fixed before a rollout's first request, so that nothing can be tuned to the
/// data afterwards. A changed plan means a new rollout.
///
/// @param alpha highest probability that a healthy canary is ever reverted, per rollout
/// @param beta highest probability, per step, that a canary worse than a gating margin is promoted
/// @param minStepDurationMillis shortest time in a step
/// @param maxStepDurationMillis when a step without an answer becomes inconclusive
/// @param minimumCanaryCompletions canary requests a step needs before it may be promoted
/// @param dispersion divisor phi >= 1 of latency evidence, against noise private to one arm
/// @param dispersionAssumed whether phi was assumed (`auto` without history) rather than chosen
/// @param sliceMillis nominal length of an arrival slice
/// @param firstTokenTimeoutMillis the gateway's deadline for the first token
/// @param totalTimeoutMillis the gateway's deadline for a whole request
/// @param metrics the metrics in use; absent ones leave their share of alpha unused
public record AnalysisPlan(
    double alpha,
    double beta,
    long minStepDurationMillis,
    long maxStepDurationMillis,
    int minimumCanaryCompletions,
    double dispersion,
    boolean dispersionAssumed,
    long sliceMillis,
    long firstTokenTimeoutMillis,
    long totalTimeoutMillis,
    Map<Metric, MetricPlan> metrics) {

  /// Phi when nothing is known about the noise between pods. It blunts latency tests and was shown
  /// not to cover every noise; hence the flag that tells the reader it was assumed.
  public static final double ASSUMED_DISPERSION = 15;

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
    metrics = Collections.unmodifiableMap(new EnumMap<>(metrics));
    metrics.forEach(AnalysisPlan::checkRange);
    double weights = metrics.values().stream().mapToDouble(MetricPlan::weight).sum();
    require(weights <= 1 + 1e-9, "metric weights must sum to at most 1 but sum to " + weights);
  }

  /// The simulated defaults: section 9 of the specification, the four metrics that exist.
  public static AnalysisPlan defaults() {
    Map<Metric, MetricPlan> metrics = new EnumMap<>(Metric.class);
    metrics.put(Metric.ERROR, new MetricPlan(.20, .005, .01, true, .005, REVERT));
    metrics.put(Metric.TRUNCATED, new MetricPlan(.10, .005, .01, true, .003, REVERT));
    metrics.put(Metric.TTFT, new MetricPlan(.20, .10, .25, true, 0, REVERT));
    metrics.put(Metric.ITL, new MetricPlan(.10, .10, .25, true, 0, REVERT));
    return new AnalysisPlan(
        .01,
        .05,
        120_000,
        1_800_000,
        50,
        ASSUMED_DISPERSION,
        true,
        5_000,
        10_000,
        120_000,
        metrics);
  }

  public AnalysisPlan withErrorRates(double newAlpha, double newBeta) {
    return new AnalysisPlan(
        newAlpha,
        newBeta,
        minStepDurationMillis,
        maxStepDurationMillis,
        minimumCanaryCompletions,
        dispersion,
        dispersionAssumed,
        sliceMillis,
        firstTokenTimeoutMillis,
        totalTimeoutMillis,
        metrics);
  }

  public AnalysisPlan withStepDurations(long minMillis, long maxMillis) {
    return new AnalysisPlan(
        alpha,
        beta,
        minMillis,
        maxMillis,
        minimumCanaryCompletions,
        dispersion,
        dispersionAssumed,
        sliceMillis,
        firstTokenTimeoutMillis,
        totalTimeoutMillis,
        metrics);
  }

  /// A phi somebody chose or calibrated, so not flagged as assumed.
  public AnalysisPlan withDispersion(double phi) {
    return new AnalysisPlan(
        alpha,
        beta,
        minStepDurationMillis,
        maxStepDurationMillis,
        minimumCanaryCompletions,
        phi,
        false,
        sliceMillis,
        firstTokenTimeoutMillis,
        totalTimeoutMillis,
        metrics);
  }

  public AnalysisPlan withSliceMillis(long millis) {
    return new AnalysisPlan(
        alpha,
        beta,
        minStepDurationMillis,
        maxStepDurationMillis,
        minimumCanaryCompletions,
        dispersion,
        dispersionAssumed,
        millis,
        firstTokenTimeoutMillis,
        totalTimeoutMillis,
        metrics);
  }

  public AnalysisPlan withTimeouts(long firstTokenMillis, long totalMillis) {
    return new AnalysisPlan(
        alpha,
        beta,
        minStepDurationMillis,
        maxStepDurationMillis,
        minimumCanaryCompletions,
        dispersion,
        dispersionAssumed,
        sliceMillis,
        firstTokenMillis,
        totalMillis,
        metrics);
  }

  /// The same plan with one metric replaced or added.
  public AnalysisPlan withMetric(Metric metric, MetricPlan metricPlan) {
    Map<Metric, MetricPlan> changed = new EnumMap<>(metrics);
    changed.put(metric, metricPlan);
    return withMetrics(changed);
  }

  public AnalysisPlan withMetrics(Map<Metric, MetricPlan> newMetrics) {
    return new AnalysisPlan(
        alpha,
        beta,
        minStepDurationMillis,
        maxStepDurationMillis,
        minimumCanaryCompletions,
        dispersion,
        dispersionAssumed,
        sliceMillis,
        firstTokenTimeoutMillis,
        totalTimeoutMillis,
        newMetrics);
  }

  /// The plan of one metric in use.
  ///
  /// @throws IllegalArgumentException if the plan does not use that metric
  public MetricPlan metric(Metric metric) {
    MetricPlan found = metrics.get(metric);
    if (found == null) {
      throw new IllegalArgumentException("metric " + metric + " is not part of this plan");
    }
    return found;
  }

  // A rate margin of one half or more would make the "worse" hypothesis impossible to lose against.
  private static void checkRange(Metric metric, MetricPlan plan) {
    require(
        metric.kind() == Metric.Kind.LATENCY || plan.margin() < .5,
        metric + " margin must be below 0.5 but is " + plan.margin());
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw new IllegalArgumentException(message);
    }
  }
}
