// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.metric;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How one metric is evaluated.
///
/// @param weight share of alpha for this metric, in (0, 1]; the share of an absent metric stays
///   unused
/// @param tolerance degradation against the baseline that does not count as harm: absolute for
///   rates and scores (0.005 = half a percentage point), relative for the others (0.10 = 10 %)
/// @param margin degradation that must be ruled out before promotion, in the unit of `tolerance`,
///   never below it
/// @param gating whether promotion requires proof for this metric
/// @param prior for rates and scores, the baseline's long-run badness, in [0, 1]; unused for others
/// @param action what happens on proven harm
/// @param dryRun whether the metric is only measured and shown; its share of alpha stays unused
public record MetricPlan(
    double weight,
    double tolerance,
    double margin,
    boolean gating,
    double prior,
    Action action,
    boolean dryRun) {

  /// What happens when a metric is proven worse than its tolerance.
  public enum Action {
    /// The verdict is `Revert`.
    @JsonProperty("revert")
    REVERT,
    /// The verdict is `Hold`: a user decides.
    @JsonProperty("hold")
    HOLD,
    /// It is reported only.
    @JsonProperty("warn")
    WARN
  }

  public MetricPlan {
    require(weight > 0 && weight <= 1, "weight", weight, "in (0, 1]");
    require(tolerance >= 0 && tolerance < 10, "tolerance", tolerance, "in [0, 10)");
    require(margin >= tolerance && margin < 10, "margin", margin, "in [tolerance, 10)");
    require(prior >= 0 && prior <= 1, "prior", prior, "in [0, 1]");
  }

  /// A metric without dry run.
  public MetricPlan(
      double weight, double tolerance, double margin, boolean gating, double prior, Action action) {
    this(weight, tolerance, margin, gating, prior, action, false);
  }

  /// Whether a step waits for proof on this metric.
  public boolean gates() {
    return gating && !dryRun;
  }

  /// Whether harm can hold or revert a rollout.
  public boolean decides() {
    return gates() || (action != Action.WARN && !dryRun);
  }

  /// Whether proven harm triggers that action.
  public boolean triggers(Action what) {
    return action == what && !dryRun;
  }

  public MetricPlan withTolerance(double value) {
    return new MetricPlan(weight, value, margin, gating, prior, action, dryRun);
  }

  public MetricPlan withMargin(double value) {
    return new MetricPlan(weight, tolerance, value, gating, prior, action, dryRun);
  }

  public MetricPlan withWeight(double value) {
    return new MetricPlan(value, tolerance, margin, gating, prior, action, dryRun);
  }

  public MetricPlan withGating(boolean value) {
    return new MetricPlan(weight, tolerance, margin, value, prior, action, dryRun);
  }

  public MetricPlan withAction(Action value) {
    return new MetricPlan(weight, tolerance, margin, gating, prior, value, dryRun);
  }

  public MetricPlan withDryRun(boolean value) {
    return new MetricPlan(weight, tolerance, margin, gating, prior, action, value);
  }

  private static void require(boolean ok, String name, double value, String range) {
    if (!ok) {
      throw new IllegalArgumentException(name + " must be " + range + " but is " + value);
    }
  }
}
