// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.MetricEvaluator;
import dev.weir.analysis.metric.MetricEvaluator.Badness;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.proof.FailureBound;
import dev.weir.analysis.proof.RampPlan;
import dev.weir.analysis.proof.RequestRate;
import dev.weir.analysis.sequential.UnitScores;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// The evidence that decides the weights of a ramp: how often the canary fails at most, whether its
/// first tokens may be much slower, how many requests arrive, and how long a metric looks harmful.
/// It never decides a promotion or a rollback.
final class RampTracker {
  /// Share of a harm threshold from which a metric looks harmful.
  static final double SUSPICIOUS = .5;

  /// Metrics that count as failures together.
  static final List<ReleaseMetric> FAILURES =
      List.of(ReleaseMetric.ERROR, ReleaseMetric.TRUNCATED, ReleaseMetric.REFUSAL);

  private static final double REFUTED = Math.log(20);

  private final List<ReleaseMetric> failing;
  private final FailureBound failures;
  private final List<Boolean> slowdownsRefuted;
  private final RequestRate rate;
  private long cursor;
  private Optional<Long> suspectedSince;
  private Optional<Long> loweredAt;

  /// The persistent state.
  ///
  /// @param slowdownsRefuted whether each of [RampPlan#SLOWDOWNS] was ever refuted; a refutation is
  ///   final
  /// @param arrivals recent slices
  /// @param cursor ordinal of the last cohort whose failures count, -1 before the first
  /// @param suspectedSince time since which a metric looks harmful without a break
  /// @param loweredAt time of the last decrease of the weight
  record State(
      FailureBound.State failures,
      List<Boolean> slowdownsRefuted,
      List<RequestRate.Arrivals> arrivals,
      long cursor,
      Optional<Long> suspectedSince,
      Optional<Long> loweredAt) {}

  /// A tracker without data. Without first tokens to compare, no slowdown needs a refutation.
  RampTracker(AnalysisPlan plan) {
    this(
        plan,
        new State(
            new FailureBound().state(),
            Collections.nCopies(
                RampPlan.SLOWDOWNS.size(), !plan.metrics().containsKey(ReleaseMetric.TTFT)),
            List.of(),
            -1,
            Optional.empty(),
            Optional.empty()));
  }

  RampTracker(AnalysisPlan plan, State state) {
    failing = FAILURES.stream().filter(plan.metrics()::containsKey).toList();
    failures = FailureBound.of(state.failures());
    slowdownsRefuted = new ArrayList<>(state.slowdownsRefuted());
    rate = RequestRate.of(state.arrivals());
    cursor = state.cursor();
    suspectedSince = state.suspectedSince();
    loweredAt = state.loweredAt();
  }

  State state() {
    return new State(
        failures.state(),
        List.copyOf(slowdownsRefuted),
        rate.state(),
        cursor,
        suspectedSince,
        loweredAt);
  }

  /// Counts the requests of a new cohort of clients.
  void arrive(Cohort cohort) {
    if (!cohort.stratum().generated()) {
      long requests = cohort.observations().stream().mapToLong(o -> o.requests().size()).sum();
      rate.add(new RequestRate.Arrivals(cohort.startMillis(), cohort.endMillis(), requests));
    }
  }

  /// Counts the failures of a cohort, once every metric of failures has consumed it. A request that
  /// hangs fails late, so an earlier count would take it for a good one.
  void consume(
      Cohort cohort, Map<ReleaseMetric, OpenCohort.Consumption> consumed, SplitSource split) {
    if (cohort.ordinal() <= cursor || !consumed.keySet().containsAll(failing)) {
      return;
    }
    cursor = cohort.ordinal();
    UnitScores units = failed(cohort, consumed);
    OptionalDouble rho = split.rho(cohort.rho(), units.canaryUnits(), units.baselineUnits());
    rho.ifPresent(share -> failures.slice(units, share));
  }

  /// @param logE evidence against each slowdown; empty without first tokens to compare
  void refute(List<Double> logE) {
    for (int i = 0; i < logE.size(); i++) {
      slowdownsRefuted.set(i, slowdownsRefuted.get(i) || logE.get(i) >= REFUTED);
    }
  }

  /// The weight changes, or the same weight starts again after a pause.
  void beginStep(long nowMillis, boolean lowered) {
    suspectedSince = Optional.empty();
    loweredAt = lowered ? Optional.of(nowMillis) : loweredAt;
  }

  /// @param worst largest share of a harm threshold that a metric has reached
  void look(long nowMillis, double worst) {
    suspectedSince =
        worst >= SUSPICIOUS ? Optional.of(suspectedSince.orElse(nowMillis)) : Optional.empty();
  }

  AnalysisEvidence.Ramp evidence(long nowMillis) {
    return new AnalysisEvidence.Ramp(
        failures.value(),
        rate.perSecond(),
        slowdownsRefuted.getFirst(),
        slowdownsRefuted.getLast(),
        suspectedSince.map(since -> Math.max(0, nowMillis - since)),
        loweredAt.map(at -> Math.max(0, nowMillis - at)));
  }

  private UnitScores failed(Cohort cohort, Map<ReleaseMetric, OpenCohort.Consumption> consumed) {
    UnitScores.Arm canary = new UnitScores.Arm();
    UnitScores.Arm baseline = new UnitScores.Arm();
    for (Observation unit : cohort.observations()) {
      long all = 0;
      long bad = 0;
      for (Observation request : unit.requests()) {
        Badness badness = badness(request, consumed);
        all += badness == Badness.EXCLUDED ? 0 : 1;
        bad += badness == Badness.BAD ? 1 : 0;
      }
      if (all > 0) {
        (unit.arm() == Arm.CANARY ? canary : baseline).addMean(bad, all);
      }
    }
    return UnitScores.Arm.together(canary, baseline);
  }

  /// Bad if any metric finds it bad at the horizon at which it consumed the cohort.
  private Badness badness(
      Observation request, Map<ReleaseMetric, OpenCohort.Consumption> consumed) {
    Badness worst = Badness.EXCLUDED;
    for (ReleaseMetric metric : failing) {
      long horizonMicros = Optional.ofNullable(consumed.get(metric)).orElseThrow().horizonMicros();
      Badness badness = MetricEvaluator.rate(metric, request, horizonMicros);
      worst = badness.compareTo(worst) > 0 ? badness : worst;
    }
    return worst;
  }
}
