// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Default;
import dev.weir.model.value.GeneratedTraffic;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.Text;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// How a new version is released. Only the settings of the selected strategy apply.
///
/// @param steps steps of strategy `canary`, in order of increasing weight; empty (the default) for
///   a ramp
/// @param ramp weights of strategy `canary` that increase by evidence, with one proof for the whole
///   release; only without `steps`, and the default then
/// @param bake the last part of a release, in which the new version serves nearly all requests
///   before the old one is removed
/// @param maxWait how long a release waits (for a gate, a pause or capacity) before it is aborted
///   and the old version serves all requests again
/// @param after Services, `name` or `namespace/name`, whose desired versions must serve before a
///   release starts
/// @param rollbackWindow number of previously serving versions to which `undo` returns without
///   steps; 0 to 50
/// @param traffic requests that gateways generate to reach the required sample size; none by
///   default
/// @param capacity where replicas of the new version get capacity
public record ReleaseSpec(
    @Default("canary") Strategy strategy,
    @Default("[]") List<Step> steps,
    Optional<RampSpec> ramp,
    @Default("{}") AnalysisSpec analysis,
    @Default("{}") BakeSpec bake,
    @Default("{}") BlueGreenSpec blueGreen,
    @Default("{}") RollingSpec rolling,
    @Default("{}") ShadowSpec shadow,
    @Default("24h") Duration maxWait,
    @Default("3") int rollbackWindow,
    @Default("[]") List<String> after,
    Optional<GeneratedTraffic> traffic,
    @Default("auto") Capacity capacity) {
  public static final Duration DAY = Duration.ofHours(24);

  public ReleaseSpec {
    steps = List.copyOf(steps);
    after = List.copyOf(after);
  }

  /// A spec without a bake that waits for no other Service.
  public ReleaseSpec(Strategy strategy, List<Step> steps, AnalysisSpec analysis) {
    this(strategy, steps, analysis, List.of());
  }

  /// A spec without a bake.
  public ReleaseSpec(
      Strategy strategy, List<Step> steps, AnalysisSpec analysis, List<String> after) {
    this(
        strategy,
        steps,
        analysis,
        BakeSpec.NONE,
        BlueGreenSpec.PLAIN,
        RollingSpec.ONE_BY_ONE,
        ShadowSpec.TENTH,
        DAY,
        3,
        after,
        Optional.empty());
  }

  /// A spec with capacity `auto`.
  public ReleaseSpec(
      Strategy strategy,
      List<Step> steps,
      AnalysisSpec analysis,
      BakeSpec bake,
      BlueGreenSpec blueGreen,
      RollingSpec rolling,
      ShadowSpec shadow,
      Duration maxWait,
      int rollbackWindow,
      List<String> after,
      Optional<GeneratedTraffic> traffic) {
    this(
        strategy,
        steps,
        Optional.empty(),
        analysis,
        bake,
        blueGreen,
        rolling,
        shadow,
        maxWait,
        rollbackWindow,
        after,
        traffic,
        Capacity.AUTO);
  }

  /// Whether a canary increases its weight by evidence instead of fixed steps.
  public boolean ramps() {
    return strategy == Strategy.CANARY && steps.isEmpty();
  }

  /// The ramp, or the default one.
  public RampSpec effectiveRamp() {
    return ramp.orElse(RampSpec.USUAL);
  }

  /// A copy with a ramp instead of steps.
  public ReleaseSpec withRamp(RampSpec other) {
    return with(draft -> {
      draft.steps = List.of();
      draft.ramp = Optional.of(other);
    });
  }

  /// A copy with another analysis.
  public ReleaseSpec withAnalysis(AnalysisSpec other) {
    return with(draft -> draft.analysis = other);
  }

  /// A copy with other steps and without a ramp.
  public ReleaseSpec withSteps(List<Step> other) {
    return with(draft -> {
      draft.steps = other;
      draft.ramp = Optional.empty();
    });
  }

  /// A copy with another bake.
  public ReleaseSpec withBake(BakeSpec other) {
    return with(draft -> draft.bake = other);
  }

  /// A copy with other generated traffic, or without any.
  public ReleaseSpec withTraffic(Optional<GeneratedTraffic> other) {
    return with(draft -> draft.traffic = other);
  }

  /// A copy that starts after these Services.
  public ReleaseSpec withAfter(List<String> names) {
    return with(draft -> draft.after = names);
  }

  /// A copy with another capacity setting.
  public ReleaseSpec withCapacity(Capacity room) {
    return with(draft -> draft.capacity = room);
  }

  private ReleaseSpec with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return new ReleaseSpec(
        strategy,
        draft.steps,
        draft.ramp,
        draft.analysis,
        draft.bake,
        blueGreen,
        rolling,
        shadow,
        maxWait,
        rollbackWindow,
        draft.after,
        draft.traffic,
        draft.capacity);
  }

  /// The fields that copies change.
  private static final class Draft {
    private List<Step> steps;
    private Optional<RampSpec> ramp;
    private AnalysisSpec analysis;
    private BakeSpec bake;
    private List<String> after;
    private Optional<GeneratedTraffic> traffic;
    private Capacity capacity;

    Draft(ReleaseSpec of) {
      steps = of.steps;
      ramp = of.ramp;
      analysis = of.analysis;
      bake = of.bake;
      after = of.after;
      traffic = of.traffic;
      capacity = of.capacity;
    }
  }

  /// Where the replicas of a new version get capacity on Targets with known capacity.
  public enum Capacity implements Text {
    /// The first of the other options that is possible while at least one replica keeps serving.
    AUTO("auto"),
    /// In addition to the old replicas.
    SURGE("surge"),
    /// In place of old replicas, which stop first.
    IN_PLACE("inPlace"),
    /// In addition to the old replicas, on capacity that other Services lend.
    BORROW("borrow");

    private final String text;

    Capacity(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  public enum Strategy implements Text {
    /// An increasing share of the requests, compared with the rest.
    CANARY("canary"),
    /// A full second set and one switch; the old set keeps running for a while.
    BLUE_GREEN("blueGreen"),
    /// Replica by replica.
    ROLLING("rolling"),
    /// Copies of requests first; clients never receive the responses to them.
    SHADOW("shadow"),
    /// The old replicas stop before the new ones start: nothing is served in between.
    RECREATE("recreate");

    private final String text;

    Strategy(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// One step of a canary.
  ///
  /// @param weight share of the requests (of those that match) that the canary gets, in percent,
  ///   above 0 and below 100; 100 only with match and without analysis
  /// @param match the requests that the step covers; all if empty. The weight applies to these
  ///   requests; all others stay with the stable version
  /// @param analysis whether the step must pass the statistical analysis; if false, only its
  ///   duration counts
  /// @param pause minimum duration of the step
  /// @param gate whether the step waits for `weir rollout promote` (or `resume`) before it
  ///   continues
  /// @param metrics overrides of what this step must prove, by metric
  public record Step(
      double weight,
      @Default("[]") List<Match> match,
      @Default("true") boolean analysis,
      Optional<Duration> pause,
      @Default("false") boolean gate,
      @Default("{}") Map<String, StepMetric> metrics) {
    public Step {
      match = List.copyOf(match);
      metrics = Map.copyOf(metrics);
    }

    /// A step for all requests that must pass the analysis.
    public Step(double weight) {
      this(weight, List.of(), true, Optional.empty(), false, Map.of());
    }
  }

  /// How the weight of a canary increases by evidence. Small weights bound the harm of a bad
  /// version; the proof grows over all of them.
  ///
  /// @param weights shares of the requests in increasing order, in percent, each above 0 and below
  ///   100. A release starts at the smallest one that gives the new version a request about every
  ///   10 s
  /// @param max the largest weight, in percent; larger weights are left out
  /// @param minDwell minimum time at a weight
  /// @param exposure number of bad answers that a weight may cause before a rollback takes effect,
  ///   above 0
  public record RampSpec(
      @Default("[1, 2, 5, 10, 20, 35, 50]") List<Double> weights,
      @Default("50") double max,
      @Default("30s") Duration minDwell,
      @Default("20") double exposure) {
    /// The ramp of a release without `ramp` and `steps`.
    public static final RampSpec USUAL =
        new RampSpec(
            List.of(1.0, 2.0, 5.0, 10.0, 20.0, 35.0, 50.0), 50, Duration.ofSeconds(30), 20);

    public RampSpec {
      weights = List.copyOf(weights);
    }

    /// The weights up to `max`, which is the last one.
    public List<Double> effectiveWeights() {
      List<Double> effective = new ArrayList<>(weights.stream().filter(w -> w < max).toList());
      effective.add(max);
      return List.copyOf(effective);
    }

    /// A copy with other weights.
    public RampSpec withWeights(List<Double> other) {
      return new RampSpec(other, max, minDwell, exposure);
    }
  }

  /// Matches a request that has all the headers and, if tenants are given, belongs to one of them.
  ///
  /// @param headers values by lower-case name
  /// @param tenants namespaces of keys
  public record Match(
      @Default("{}") Map<String, String> headers, @Default("[]") List<String> tenants) {
    public Match {
      headers = Map.copyOf(headers);
      tenants = List.copyOf(tenants);
    }
  }

  /// Overrides for one step; absent values are those of the release. Only what a step must prove
  /// may differ: one tolerance measures harm from the first request to the last.
  ///
  /// @param margin degradation that must be ruled out before the step passes
  /// @param gating whether the metric must pass its margin
  public record StepMetric(Optional<Percentage> margin, Optional<Boolean> gating) {}

  /// The last part of a release (phase `Promoting`): the new version serves all but the holdback,
  /// is compared with it continuously, and is reverted at once on harm.
  ///
  /// @param duration 0 for none
  /// @param holdback share of requests that the old version keeps during the bake; with 0 % there
  ///   is no baseline, and only hard guards and external metrics watch
  public record BakeSpec(@Default("5m") Duration duration, @Default("5%") Percentage holdback) {
    public static final BakeSpec USUAL = new BakeSpec(Duration.ofMinutes(5), Percentage.of(5));
    public static final BakeSpec NONE = new BakeSpec(Duration.ZERO, Percentage.of(5));
  }

  /// @param preview requests that the new set serves before the switch: half of the matching
  ///   requests; the other half is the baseline. Empty means none
  /// @param mirror share of requests copied to the new set before the switch; clients never receive
  ///   its responses; 0 for none
  /// @param gate whether the switch waits for `weir rollout promote`
  /// @param keepFor how long the old set keeps running after the bake, for an instant switch back
  public record BlueGreenSpec(
      @Default("[]") List<Match> preview,
      @Default("0%") Percentage mirror,
      @Default("false") boolean gate,
      @Default("1h") Duration keepFor) {
    public static final BlueGreenSpec PLAIN =
        new BlueGreenSpec(List.of(), Percentage.of(0), false, Duration.ofHours(1));

    public BlueGreenSpec {
      preview = List.copyOf(preview);
    }
  }

  /// @param maxSurgeGpus accelerators that may be used during the release beyond those of all
  ///   replicas; the default is those of one replica if no replica may be unavailable, else 0. A
  ///   replica without accelerators counts as one
  /// @param maxUnavailableGpus accelerators whose replicas may be unavailable during the release
  /// @param settle how long each new replica serves under observation before the next one starts
  public record RollingSpec(
      Optional<Integer> maxSurgeGpus,
      @Default("0") int maxUnavailableGpus,
      @Default("30s") Duration settle) {
    public static final RollingSpec ONE_BY_ONE =
        new RollingSpec(Optional.empty(), 0, Duration.ofSeconds(30));
  }

  /// @param sample share of the requests copied to the new version, above 0 %
  /// @param promote whether the release continues automatically when the copies have proven the
  ///   version; otherwise it waits for `weir rollout promote`
  public record ShadowSpec(@Default("10%") Percentage sample, @Default("false") boolean promote) {
    public static final ShadowSpec TENTH = new ShadowSpec(Percentage.of(10), false);
  }

  /// The statistics of a release; names and defaults as in the canary-statistics reference.
  ///
  /// @param alpha probability, per rollout, that a version within its tolerances is rolled back
  /// @param beta probability, per proof, that a version worse than its margins is promoted
  /// @param minStepDuration the minimum duration of a step, and of the largest weight of a ramp
  /// @param maxStepDuration a step without a verdict after this time is inconclusive; not for ramps
  /// @param proof what one proof covers; `release` by default. Steps with `match` always need
  ///   `step`, because they cover other requests
  /// @param maxDuration a ramp without a verdict after this time is inconclusive; by default four
  ///   times the forecast, at least 30 minutes and at most 12 hours
  /// @param dispersion `auto`, or the divisor phi (1 or more) for noise that affects only one arm
  /// @param metrics overrides by metric name, such as `error` or `ttft`; the control plane checks
  ///   the names
  /// @param grading the judge that produces metric `quality`; without it there is no `quality`
  public record AnalysisSpec(
      @Default("0.01") double alpha,
      @Default("0.05") double beta,
      @Default("2m") Duration minStepDuration,
      @Default("30m") Duration maxStepDuration,
      @Default("pause") OnInconclusive onInconclusive,
      @Default("auto") Dispersion dispersion,
      @Default("{}") Map<String, MetricSpec> metrics,
      @Default("[]") List<ExternalMetric> external,
      Optional<GradingSpec> grading,
      Optional<Proof> proof,
      Optional<Duration> maxDuration) {
    public AnalysisSpec {
      external = List.copyOf(external);
      metrics = Map.copyOf(metrics);
    }

    /// A spec without external metrics and grades.
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
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }

    /// A copy with graded responses.
    public AnalysisSpec graded(GradingSpec by) {
      return new AnalysisSpec(
          alpha,
          beta,
          minStepDuration,
          maxStepDuration,
          onInconclusive,
          dispersion,
          metrics,
          external,
          Optional.of(by),
          proof,
          maxDuration);
    }

    /// A copy with a time limit for a ramp.
    public AnalysisSpec within(Duration limit) {
      return new AnalysisSpec(
          alpha,
          beta,
          minStepDuration,
          maxStepDuration,
          onInconclusive,
          dispersion,
          metrics,
          external,
          grading,
          proof,
          Optional.of(limit));
    }
  }

  /// What one proof of safety covers.
  public enum Proof implements Text {
    /// The whole release: evidence accumulates over all steps and weights.
    RELEASE("release"),
    /// One step: each step starts without evidence.
    STEP("step");

    private final String text;

    Proof(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// A guard that an external provider measures, with the semantics of Argo Rollouts. Missing data
  /// and an unreachable provider never count against the version: both hold the step.
  ///
  /// @param successCondition the condition that each result value must meet: `<`, `<=`, `>`, `>=`,
  ///   `==` or `!=` and a number
  /// @param interval time between two measurements
  /// @param count number of measurements per step; when absent, at least one, and measuring
  ///   continues until the step ends
  /// @param failureLimit tolerated failed measurements per step
  /// @param inconclusiveLimit tolerated measurements without data per step
  /// @param consecutiveErrorLimit tolerated consecutive errors
  /// @param action what happens when the metric fails
  /// @param dryRun whether the metric is only measured and shown, without affecting decisions
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
  /// @param url base URL of the server, without `/api/v1`
  /// @param query a PromQL query
  /// @param credential secret reference to a bearer token
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

  /// Overrides of one metric's defaults; absent values keep their default.
  ///
  /// @param weight share of alpha, above 0
  /// @param tolerance degradation against the baseline that does not count as harm
  /// @param margin degradation that must be ruled out before a step passes
  /// @param gating whether the metric must pass its margin before a step passes
  /// @param action what happens when the metric is proven worse than its tolerance; `rollback` by
  ///   default
  /// @param dryRun whether the metric is only measured and shown; its share of alpha stays unused
  public record MetricSpec(
      Optional<Double> weight,
      Optional<Percentage> tolerance,
      Optional<Percentage> margin,
      Optional<Boolean> gating,
      Optional<MetricAction> action,
      @Default("false") boolean dryRun) {}

  /// What happens when a metric is proven worse than its tolerance.
  public enum MetricAction implements Text {
    /// The release is reverted.
    ROLLBACK("rollback"),
    /// The weight stays until a user decides.
    HOLD("hold"),
    /// It is reported only.
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
    /// Weir chooses the divisor: 15 until it has calibrated history, which the evidence flags.
    record Auto() implements Dispersion {}

    /// @param phi 1 or more
    record Fixed(double phi) implements Dispersion {
      public Fixed {
        if (!(phi >= 1 && phi < Double.POSITIVE_INFINITY)) {
          throw new IllegalArgumentException(
              "dispersion must be `auto` or a number of at least 1: " + phi);
        }
      }
    }
  }
}
