// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.MetricEvaluator;
import dev.weir.analysis.metric.MetricEvaluator.Badness;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.proof.FailureBound;
import dev.weir.analysis.proof.RequestRate;
import dev.weir.analysis.sequential.UnitScores;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/// The evidence that decides the weights of a ramp: how often the canary fails at most, whether its
/// first tokens may be much slower, how many requests arrive, and how long a metric looks harmful.
/// It never decides a promotion or a rollback.
final class RampTracker {
  /// Share of a harm threshold from which a metric looks harmful.
  static final double SUSPICIOUS = .5;

  private static final double TWICE = 1.0;
  private static final double HALF_SLOWER = .5;
  private static final double REFUTED = Math.log(20);

  /// Kinds of failures, in the order of the time at which they are known, latest first.
  private static final List<ReleaseMetric> FAILURES =
      List.of(ReleaseMetric.TRUNCATED, ReleaseMetric.REFUSAL, ReleaseMetric.ERROR);

  private final Optional<ReleaseMetric> last;
  private final FailureBound failures;
  private final Optional<Slowness> twice;
  private final Optional<Slowness> halfSlower;
  private final RequestRate rate;
  private Optional<Long> suspectedSince;
  private Optional<Long> loweredAt;

  /// "The first token takes longer by a factor", which a test may refute for good.
  private static final class Slowness {
    private final SizeSignal signal;
    private boolean refuted;

    Slowness(SizeSignal signal, boolean refuted) {
      this.signal = signal;
      this.refuted = refuted;
    }

    void consume(Cohort cohort, long horizonMicros, SplitSource split) {
      signal.consume(cohort, horizonMicros, split, true);
      refuted |= signal.safe(REFUTED).stream().allMatch(AnalysisEvidence.Safe::passed);
    }

    SlownessState state() {
      return new SlownessState(signal.state(), refuted);
    }
  }

  record SlownessState(SizeSignal.State signal, boolean refuted) {}

  /// The persistent state.
  ///
  /// @param suspectedSince time since which a metric looks harmful without a break
  /// @param loweredAt time of the last decrease of the weight
  record State(
      FailureBound.State failures,
      Optional<SlownessState> twice,
      Optional<SlownessState> halfSlower,
      List<RequestRate.Arrivals> arrivals,
      Optional<Long> suspectedSince,
      Optional<Long> loweredAt) {}

  RampTracker(AnalysisPlan plan, BaselineSeed seed) {
    this(
        plan,
        new State(
            new FailureBound().state(),
            slowness(plan, seed, TWICE),
            slowness(plan, seed, HALF_SLOWER),
            List.of(),
            Optional.empty(),
            Optional.empty()));
  }

  RampTracker(AnalysisPlan plan, State state) {
    last = FAILURES.stream().filter(plan.metrics()::containsKey).findFirst();
    failures = FailureBound.of(state.failures());
    twice = state.twice().map(of -> restored(plan, of, TWICE));
    halfSlower = state.halfSlower().map(of -> restored(plan, of, HALF_SLOWER));
    rate = RequestRate.of(state.arrivals());
    suspectedSince = state.suspectedSince();
    loweredAt = state.loweredAt();
  }

  private static Optional<SlownessState> slowness(
      AnalysisPlan plan, BaselineSeed seed, double factor) {
    return plan.metrics().containsKey(ReleaseMetric.TTFT)
        ? Optional.of(
            new SlownessState(
                SizeSignal.start(ReleaseMetric.TTFT, plan, seed, margin(plan, factor)).state(),
                false))
        : Optional.empty();
  }

  private static Slowness restored(AnalysisPlan plan, SlownessState state, double factor) {
    return new Slowness(
        new SizeSignal(ReleaseMetric.TTFT, plan, margin(plan, factor), state.signal()),
        state.refuted());
  }

  // A test cannot have a margin below its tolerance.
  private static double margin(AnalysisPlan plan, double factor) {
    return Math.max(factor, plan.metric(ReleaseMetric.TTFT).tolerance());
  }

  State state() {
    return new State(
        failures.state(),
        twice.map(Slowness::state),
        halfSlower.map(Slowness::state),
        rate.state(),
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

  /// Consumes a cohort when a metric does, with the horizon of that metric.
  void consume(ReleaseMetric metric, Cohort cohort, SplitSource split, long horizonMicros) {
    if (metric == ReleaseMetric.TTFT) {
      Stream.of(twice, halfSlower)
          .flatMap(Optional::stream)
          .forEach(slowness -> slowness.consume(cohort, horizonMicros, split));
    }
    if (last.filter(metric::equals).isPresent()) {
      UnitScores units = failed(cohort, horizonMicros);
      OptionalDouble rho = split.rho(cohort.rho(), units.canaryUnits(), units.baselineUnits());
      rho.ifPresent(share -> failures.slice(units, share));
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
        twice.map(slowness -> slowness.refuted).orElse(true),
        halfSlower.map(slowness -> slowness.refuted).orElse(true),
        suspectedSince.map(since -> Math.max(0, nowMillis - since)),
        loweredAt.map(at -> Math.max(0, nowMillis - at)));
  }

  private static UnitScores failed(Cohort cohort, long horizonMicros) {
    UnitScores.Arm canary = new UnitScores.Arm();
    UnitScores.Arm baseline = new UnitScores.Arm();
    for (Observation unit : cohort.observations()) {
      long all = 0;
      long bad = 0;
      for (Observation request : unit.requests()) {
        boolean counts =
            FAILURES.stream()
                .anyMatch(m -> MetricEvaluator.rate(m, request, horizonMicros) != Badness.EXCLUDED);
        all += counts ? 1 : 0;
        bad +=
            FAILURES.stream()
                    .anyMatch(m -> MetricEvaluator.rate(m, request, horizonMicros) == Badness.BAD)
                ? 1
                : 0;
      }
      if (all > 0) {
        (unit.arm() == Arm.CANARY ? canary : baseline).addMean(bad, all);
      }
    }
    return UnitScores.Arm.together(canary, baseline);
  }
}
