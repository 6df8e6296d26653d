// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a new version is released.
///
/// @param steps canary weights in rising order
/// @param after Services, `name` or `namespace/name`, whose wanted versions must serve before a
///   release begins
public record ReleaseSpec(
    @Default("canary") Strategy strategy,
    @Default("[{weight: 1}, {weight: 5}, {weight: 25}, {weight: 50}]") List<Step> steps,
    @Default("{}") AnalysisSpec analysis,
    @Default("[]") List<String> after) {
  public ReleaseSpec {
    steps = List.copyOf(steps);
    after = List.copyOf(after);
  }

  /// One that waits for no other Service.
  public ReleaseSpec(Strategy strategy, List<Step> steps, AnalysisSpec analysis) {
    this(strategy, steps, analysis, List.of());
  }

  public enum Strategy implements Text {
    CANARY("canary");

    private final String text;

    Strategy(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// @param weight share of the traffic that the canary gets, in percent, above 0 and below 100
  public record Step(double weight) {}

  /// The statistics of a release; names and defaults as in the canary-statistics reference.
  ///
  /// @param alpha chance that a version within its tolerances is ever rolled back, per rollout
  /// @param beta chance that a step is passed by a version worse than its margins, per step
  /// @param minStepDuration a step lasts at least so long
  /// @param maxStepDuration without a verdict by then the step is inconclusive
  /// @param dispersion `auto`, or the divisor phi (1 or more) for noise private to one arm
  /// @param metrics overrides per metric: `error`, `fast_error`, `truncated`, `refusal`,
  ///   `invalid_json`, `repetition`, `ttft`, `itl`, `e2e_per_token`, `length_up`, `length_down`
  public record AnalysisSpec(
      @Default("0.01") double alpha,
      @Default("0.05") double beta,
      @Default("2m") Duration minStepDuration,
      @Default("30m") Duration maxStepDuration,
      @Default("pause") OnInconclusive onInconclusive,
      @Default("auto") Dispersion dispersion,
      @Default("{}") Map<String, MetricSpec> metrics,
      @Default("[]") List<ExternalMetric> external) {
    public AnalysisSpec {
      external = List.copyOf(external);
      metrics = Map.copyOf(metrics);
    }

    /// One without external metrics.
    public AnalysisSpec(
        double alpha,
        double beta,
        Duration minStepDuration,
        Duration maxStepDuration,
        OnInconclusive onInconclusive,
        Dispersion dispersion,
        Map<String, MetricSpec> metrics) {
      this(
          alpha,
          beta,
          minStepDuration,
          maxStepDuration,
          onInconclusive,
          dispersion,
          metrics,
          List.of());
    }
  }

  /// A guard that somebody else measures, after the semantics of Argo Rollouts. What has no data
  /// and who does not answer is never held against the version: either holds the step.
  ///
  /// @param successCondition what each value of the result must be: `<`, `<=`, `>`, `>=`, `==` or
  ///   `!=` and a number
  /// @param interval between two measurements
  /// @param count measurements that a step needs and takes; without it at least one, on and on
  /// @param failureLimit measurements of a step that may be wrong
  /// @param inconclusiveLimit measurements of a step that may have no data
  /// @param consecutiveErrorLimit errors in a row that may come
  /// @param action what follows when it has failed
  /// @param dryRun it is measured and shown and decides nothing
  public record ExternalMetric(
      String name,
      PrometheusQuery prometheus,
      String successCondition,
      @Default("1m") Duration interval,
      Optional<Integer> count,
      @Default("0") int failureLimit,
      @Default("0") int inconclusiveLimit,
      @Default("4") int consecutiveErrorLimit,
      @Default("rollback") MetricAction action,
      @Default("false") boolean dryRun) {}

  /// An instant query.
  ///
  /// @param url of the server, without `/api/v1`
  /// @param query in PromQL
  /// @param credential reference to a bearer token
  public record PrometheusQuery(URI url, String query, Optional<String> credential) {}

  public enum OnInconclusive implements Text {
    PAUSE("pause"),
    ROLLBACK("rollback");

    private final String text;

    OnInconclusive(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// Overrides of one metric's defaults; what is left out keeps its default.
  ///
  /// @param weight share of alpha, above 0
  /// @param tolerance how much worse than the baseline is still no harm
  /// @param margin how much worse must be excluded before a step is passed
  /// @param gating whether the metric must pass its margin before a step is passed
  /// @param action what follows when it is proven worse than its tolerance; `rollback` if not given
  /// @param dryRun it is watched and shown and decides nothing; its share of alpha stays unused
  public record MetricSpec(
      Optional<Double> weight,
      Optional<Percentage> tolerance,
      Optional<Percentage> margin,
      Optional<Boolean> gating,
      Optional<MetricAction> action,
      @Default("false") boolean dryRun) {}

  /// What follows when a metric is proven worse than its tolerance.
  public enum MetricAction implements Text {
    /// The release is reverted.
    ROLLBACK("rollback"),
    /// The weight stays where it is: somebody decides.
    HOLD("hold"),
    /// It is said, and nothing stops for it.
    WARN("warn");

    private final String text;

    MetricAction(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// The dispersion divisor phi.
  public sealed interface Dispersion {
    /// Weir chooses; until it has calibrated history that means 15, and the evidence says so.
    record Auto() implements Dispersion {}

    /// @param phi 1 or more
    record Fixed(double phi) implements Dispersion {
      public Fixed {
        if (!(phi >= 1 && phi < Double.POSITIVE_INFINITY)) {
          throw new IllegalArgumentException("dispersion is `auto` or a number from 1 up: " + phi);
        }
      }
    }
  }
}
