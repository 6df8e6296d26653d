// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.Forecast;
import dev.weir.analysis.StepPlan;
import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.MetricPlan.Action;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.proof.ProofScope;
import dev.weir.analysis.proof.RampPlan;
import dev.weir.model.release.Stage;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.AnalysisSpec;
import dev.weir.model.spec.ReleaseSpec.Dispersion;
import dev.weir.model.spec.ReleaseSpec.MetricAction;
import dev.weir.model.spec.ReleaseSpec.MetricSpec;
import dev.weir.model.spec.ReleaseSpec.Proof;
import dev.weir.model.spec.ReleaseSpec.RampSpec;
import dev.weir.model.spec.ReleaseSpec.StepMetric;
import dev.weir.model.spec.ReleaseSpec.Strategy;
import dev.weir.model.value.Percentage;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Derives the analysis plan from the release spec. It is a pure function of the rollout's spec,
/// which never changes, so every process computes the same plan.
final class AnalysisPlans {
  private static final double MILLION = 1_000_000;
  private static final double HALF = .5;

  /// The time limit of a ramp whose forecast is unknown.
  static final Duration LONGEST_RAMP = Duration.ofHours(12);

  /// The time from the first bad answer until no gateway uses the canary: the horizon of fast
  /// failures, an analysis, and the acknowledgement of the slowest gateway.
  private static final long REACTION_MILLIS = 6_500;

  private static final double MILLIONTHS_PER_PERCENT = 10_000;

  private AnalysisPlans() {}

  /// @throws IllegalArgumentException when no analysis can use the spec; the message states why
  static AnalysisPlan of(ReleaseSpec release, Duration firstToken, Duration total) {
    AnalysisSpec spec = release.analysis();
    AnalysisPlan defaults = defaults(spec);
    Map<ReleaseMetric, MetricPlan> metrics = new EnumMap<>(defaults.metrics());
    spec.metrics()
        .forEach((name, override) -> {
          metrics.computeIfPresent(metric(name), (_, plan) -> overridden(plan, override));
        });
    widen(metrics, spec.metrics());
    makeRoom(metrics, spec.metrics());
    return new AnalysisPlan(
        spec.alpha(),
        spec.beta(),
        spec.minStepDuration().toMillis(),
        spec.maxStepDuration().toMillis(),
        defaults.minimumCanaryCompletions(),
        phi(spec.dispersion()),
        false,
        spec.dispersion() instanceof Dispersion.Auto,
        defaults.sliceMillis(),
        firstToken.toMillis(),
        Math.max(total.toMillis(), firstToken.toMillis()),
        metrics,
        Optional.empty(),
        steps(release),
        defaults.gradeMillis(),
        defaults.gradedShare(),
        scope(release),
        ramp(release),
        release.ramps()
            ? Optional.of(spec.maxDuration().orElse(LONGEST_RAMP).toMillis())
            : Optional.empty());
  }

  // Steps with a match cover other requests than later steps.
  private static ProofScope scope(ReleaseSpec release) {
    boolean matches = release.steps().stream().anyMatch(step -> !step.match().isEmpty());
    Proof fallback = matches ? Proof.STEP : Proof.RELEASE;
    return switch (release.analysis().proof().orElse(fallback)) {
      case RELEASE -> ProofScope.RELEASE;
      case STEP -> ProofScope.STEP;
    };
  }

  private static Optional<RampPlan> ramp(ReleaseSpec release) {
    RampSpec spec = release.effectiveRamp();
    return release.ramps()
        ? Optional.of(
            new RampPlan(
                spec.effectiveWeights().stream().map(AnalysisPlans::share).toList(),
                spec.minDwell().toMillis(),
                spec.exposure(),
                REACTION_MILLIS))
        : Optional.empty();
  }

  /// The default plan.
  private static AnalysisPlan defaults(AnalysisSpec spec) {
    AnalysisPlan plan = AnalysisPlan.defaults();
    return spec.grading()
        .map(by -> plan.withGrading(by.within().toMillis(), by.sample().fraction()))
        .orElse(plan);
  }

  // Steps are the first stages of a canary, so they have the same numbers.
  private static Map<Integer, StepPlan> steps(ReleaseSpec release) {
    Map<Integer, StepPlan> plans = new HashMap<>();
    if (release.strategy() == Strategy.CANARY) {
      for (int i = 0; i < release.steps().size(); i++) {
        Map<String, StepMetric> own = release.steps().get(i).metrics();
        if (!own.isEmpty()) {
          plans.put(i, stepPlan(own));
        }
      }
    }
    return plans;
  }

  private static StepPlan stepPlan(Map<String, StepMetric> own) {
    Map<ReleaseMetric, Double> margins = new EnumMap<>(ReleaseMetric.class);
    Map<ReleaseMetric, Boolean> gating = new EnumMap<>(ReleaseMetric.class);
    own.forEach((name, metric) -> {
      metric.margin().ifPresent(margin -> margins.put(metric(name), margin.fraction()));
      metric.gating().ifPresent(gates -> gating.put(metric(name), gates));
    });
    return new StepPlan(margins, gating);
  }

  private static ReleaseMetric metric(String name) {
    return ReleaseMetric.named(name)
        .orElseThrow(() -> new IllegalArgumentException("there is no metric named " + name));
  }

  /// A spec that accepts a slower first token, or more time between tokens, also accepts slower
  /// responses, unless it sets a limit for these.
  private static void widen(
      Map<ReleaseMetric, MetricPlan> metrics, Map<String, MetricSpec> written) {
    boolean said =
        Optional.ofNullable(written.get(ReleaseMetric.E2E_PER_TOKEN.manifestName()))
            .filter(of -> of.tolerance().isPresent() || of.margin().isPresent())
            .isPresent();
    if (said) {
      return;
    }
    for (ReleaseMetric part : List.of(ReleaseMetric.TTFT, ReleaseMetric.ITL)) {
      Optional.ofNullable(metrics.get(part))
          .ifPresent(of ->
              metrics.computeIfPresent(
                  ReleaseMetric.E2E_PER_TOKEN,
                  (_, whole) ->
                      whole
                          .withMargin(Math.max(whole.margin(), of.margin()))
                          .withTolerance(Math.max(whole.tolerance(), of.tolerance()))));
    }
  }

  /// A spec for an older version with fewer metrics may leave too little of alpha for metrics that
  /// it does not name. They share the rest, or have none.
  private static void makeRoom(
      Map<ReleaseMetric, MetricPlan> metrics, Map<String, MetricSpec> written) {
    double given = weight(metrics, written, true);
    double others = weight(metrics, written, false);
    if (given + others <= 1 + 1e-9) {
      return;
    }
    double factor = Math.max(0, 1 - given) / others;
    metrics.replaceAll((metric, plan) ->
        isGiven(metric, written) || factor <= 0 ? plan : plan.withWeight(plan.weight() * factor));
    if (factor <= 0) {
      metrics.keySet().removeIf(metric -> !isGiven(metric, written));
    }
  }

  private static double weight(
      Map<ReleaseMetric, MetricPlan> metrics, Map<String, MetricSpec> written, boolean given) {
    return metrics.entrySet().stream()
        .filter(entry -> isGiven(entry.getKey(), written) == given)
        .mapToDouble(entry -> entry.getValue().weight())
        .sum();
  }

  private static boolean isGiven(ReleaseMetric metric, Map<String, MetricSpec> written) {
    return Optional.ofNullable(written.get(metric.manifestName()))
        .flatMap(MetricSpec::weight)
        .isPresent();
  }

  /// The share of traffic of a weight in percent, exactly as gateways report it.
  static double share(double percent) {
    return Math.round(percent * MILLIONTHS_PER_PERCENT) / MILLION;
  }

  static Forecast.Step forecast(int number, Stage stage) {
    return new Forecast.Step(number, share(stage.weight()), share(stage.mirror()));
  }

  /// The canary's share of the requests that a step compares. If the canary serves no client, the
  /// step compares mirrored requests, which count once in each arm.
  static double compared(double percent) {
    return percent > 0 ? share(percent) : HALF;
  }

  private static double phi(Dispersion dispersion) {
    return switch (dispersion) {
      case Dispersion.Auto _ -> 1;
      case Dispersion.Fixed(double phi) -> phi;
    };
  }

  private static Action action(MetricAction action) {
    return switch (action) {
      case ROLLBACK -> Action.REVERT;
      case HOLD -> Action.HOLD;
      case WARN -> Action.WARN;
    };
  }

  static MetricAction named(Action action) {
    return switch (action) {
      case REVERT -> MetricAction.ROLLBACK;
      case HOLD -> MetricAction.HOLD;
      case WARN -> MetricAction.WARN;
    };
  }

  private static MetricPlan overridden(MetricPlan plan, MetricSpec override) {
    return new MetricPlan(
        override.weight().orElse(plan.weight()),
        override.tolerance().map(Percentage::fraction).orElse(plan.tolerance()),
        override.margin().map(Percentage::fraction).orElse(plan.margin()),
        override.gating().orElse(plan.gating()),
        plan.prior(),
        override.action().map(AnalysisPlans::action).orElse(plan.action()),
        override.dryRun());
  }
}
