// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.MetricEvaluator;
import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.EProcess;
import dev.weir.analysis.sequential.Ewma;
import dev.weir.analysis.sequential.Payoff;
import dev.weir.analysis.sequential.Side;
import dev.weir.analysis.sequential.SliceCounts;
import dev.weir.analysis.sequential.UnitScores;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// The tests of a rate or a score, which is a mean of badness: harm against the tolerance, safety
/// against the margin, with one centre for both.
final class RateSignal implements Signal {
  private static final int THOUSANDTHS = Observation.BEST;

  private final ReleaseMetric metric;
  private final MetricPlan plan;
  private final boolean score;
  private final long gradeMicros;
  private final EProcess harm;
  private final Ewma centre;
  private EProcess safe;
  private double margin;

  RateSignal(ReleaseMetric metric, AnalysisPlan plan, double margin, State state) {
    this.metric = metric;
    this.plan = plan.metric(metric);
    this.margin = margin;
    score = metric.kind() == ReleaseMetric.Kind.SCORE;
    gradeMicros = 1_000 * plan.gradeMillis();
    harm = EProcess.of(state.harm());
    safe = EProcess.of(state.safe());
    centre = Ewma.of(state.centre());
  }

  record State(EProcess.State harm, EProcess.State safe, Ewma.State centre)
      implements Signal.State {}

  static RateSignal start(ReleaseMetric metric, AnalysisPlan plan, BaselineSeed seed) {
    BaselineSeed.Rate known =
        Optional.ofNullable(seed.rates().get(metric)).orElse(new BaselineSeed.Rate(0, 0));
    MetricPlan of = plan.metric(metric);
    Ewma centre = new Ewma(of.prior(), known.bad(), known.requests());
    State fresh = new State(new EProcess().state(), new EProcess().state(), centre.state());
    return new RateSignal(metric, plan, of.margin(), fresh);
  }

  @Override
  public void beginStep(double ofStep, boolean proofContinues) {
    if (!proofContinues || ofStep != margin) {
      safe = new EProcess();
    }
    margin = ofStep;
  }

  @Override
  public void deposit(double fraction) {
    harm.deposit(fraction);
  }

  /// Pays out part of both sides' reserves.
  void deposit(double fraction, boolean inStep) {
    harm.deposit(fraction);
    if (inStep) {
      safe.deposit(fraction);
    }
  }

  @Override
  public AnalysisEvidence.Judged consume(
      Cohort cohort, long horizonMicros, SplitSource split, boolean inStep) {
    Judged judged = judged(cohort, horizonMicros);
    beginSlice(inStep);
    bet(judged.units(), cohort.rho(), split, inStep);
    centre.add(judged.units());
    return judged.requests();
  }

  private void beginSlice(boolean inStep) {
    harm.beginSlice();
    if (inStep) {
      safe.beginSlice();
    }
  }

  void bet(UnitScores units, double known, SplitSource split, boolean inStep) {
    OptionalDouble rho = split.rho(known, units.canaryUnits(), units.baselineUnits());
    if (rho.isPresent()) {
      double m = centre.value();
      harm.bet(new Payoff(Side.HARM, rho.getAsDouble(), m, plan.tolerance()), units, 1);
      if (inStep) {
        betOnSafe(new Payoff(Side.SAFE, rho.getAsDouble(), m, margin), units);
      }
    }
  }

  // No bet against a hypothesis that the slice's own shares make impossible; skipping it only costs
  // power.
  private void betOnSafe(Payoff payoff, UnitScores units) {
    if (payoff.bound() > 0) {
      safe.bet(payoff, units, 1);
    }
  }

  /// Updates the baseline after the bets.
  void learn(SliceCounts counts) {
    centre.add(counts);
  }

  @Override
  public SliceCounts tally(Cohort cohort, long horizonMicros) {
    AnalysisEvidence.Judged of = judged(cohort, horizonMicros).requests();
    return score
        ? new SliceCounts(0, of.canary(), 0, of.baseline())
        : new SliceCounts(of.canaryBad(), of.canary(), of.baselineBad(), of.baseline());
  }

  @Override
  public AnalysisEvidence.Ungraded ungraded(Cohort cohort, long horizonMicros) {
    return score ? judged(cohort, horizonMicros).ungraded() : AnalysisEvidence.Ungraded.NONE;
  }

  /// A cohort's evaluation.
  ///
  /// @param units units with the mean value of their requests
  private record Judged(
      UnitScores units, AnalysisEvidence.Judged requests, AnalysisEvidence.Ungraded ungraded) {}

  private Judged judged(Cohort cohort, long horizonMicros) {
    UnitScores.Arm[] arms = {new UnitScores.Arm(), new UnitScores.Arm()};
    long[] all = new long[2];
    long[] bad = new long[2];
    long[] ungraded = new long[2];
    int worst = score ? THOUSANDTHS : 1;
    for (Observation unit : cohort.observations()) {
      int arm = unit.arm() == Arm.CANARY ? 0 : 1;
      long allBefore = all[arm];
      long badBefore = bad[arm];
      for (Observation observation : unit.requests()) {
        int badness = badness(observation, horizonMicros);
        all[arm] += badness < 0 ? 0 : 1;
        bad[arm] += Math.max(0, badness);
        ungraded[arm] += badness == MetricEvaluator.UNGRADED ? 1 : 0;
      }
      if (all[arm] > allBefore) {
        arms[arm].addMean(bad[arm] - badBefore, worst * (all[arm] - allBefore));
      }
    }
    return new Judged(
        UnitScores.Arm.together(arms[0], arms[1]),
        new AnalysisEvidence.Judged(all[0], bad[0], all[1], bad[1]),
        new AnalysisEvidence.Ungraded(ungraded[0], ungraded[1]));
  }

  /// 0 or 1 for a rate, up to 1000 for a score; below 0 if the request does not count.
  private int badness(Observation observation, long horizonMicros) {
    if (score) {
      return MetricEvaluator.score(observation, horizonMicros - gradeMicros);
    }
    return switch (MetricEvaluator.rate(metric, observation, horizonMicros)) {
      case EXCLUDED -> (int) MetricEvaluator.EXCLUDED;
      case GOOD -> 0;
      case BAD -> 1;
    };
  }

  @Override
  public double harmLogE() {
    return harm.logE();
  }

  @Override
  public List<AnalysisEvidence.Safe> safe(double threshold) {
    return List.of(new AnalysisEvidence.Safe(score ? "mean" : "rate", safe.logE(), threshold));
  }

  @Override
  public List<AnalysisEvidence.Quantile> quantiles() {
    return List.of();
  }

  @Override
  public List<Double> slowdownLogE() {
    return List.of();
  }

  @Override
  public Optional<Double> learnedDivisor() {
    return Optional.empty();
  }

  @Override
  public State state() {
    return new State(harm.state(), safe.state(), centre.state());
  }
}
