// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.sequential.EProcess;
import dev.weir.analysis.sequential.Ewma;
import dev.weir.analysis.sequential.Payoff;
import dev.weir.analysis.sequential.Side;
import dev.weir.analysis.sequential.SliceCounts;
import dev.weir.analysis.sequential.UnitScores;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// A rate: harm against the tolerance, safety against the margin, one centre for both.
final class RateSignal implements Signal {
  private final Metric metric;
  private final MetricPlan plan;
  private final EProcess harm;
  private final Ewma centre;
  private EProcess safe;
  private double margin;

  RateSignal(Metric metric, MetricPlan plan, double margin, State state) {
    this.metric = metric;
    this.plan = plan;
    this.margin = margin;
    harm = EProcess.of(state.harm());
    safe = EProcess.of(state.safe());
    centre = Ewma.of(state.centre());
  }

  record State(EProcess.State harm, EProcess.State safe, Ewma.State centre)
      implements Signal.State {}

  static RateSignal start(Metric metric, MetricPlan plan, BaselineSeed seed) {
    BaselineSeed.Rate known =
        Optional.ofNullable(seed.rates().get(metric)).orElse(new BaselineSeed.Rate(0, 0));
    Ewma centre = new Ewma(plan.prior(), known.bad(), known.requests());
    State fresh = new State(new EProcess().state(), new EProcess().state(), centre.state());
    return new RateSignal(metric, plan, plan.margin(), fresh);
  }

  @Override
  public void beginStep(double ofStep) {
    margin = ofStep;
    safe = new EProcess();
  }

  @Override
  public void deposit(double fraction) {
    harm.deposit(fraction);
  }

  /// Pays part of both sides' reserves out.
  void deposit(double fraction, boolean inStep) {
    harm.deposit(fraction);
    if (inStep) {
      safe.deposit(fraction);
    }
  }

  @Override
  public SliceCounts consume(Cohort cohort, long horizonMicros, Split split, boolean inStep) {
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

  void bet(UnitScores units, double known, Split split, boolean inStep) {
    OptionalDouble rho = split.rho(known, units.canaryUnits(), units.baselineUnits());
    if (rho.isPresent()) {
      double m = centre.value();
      harm.bet(new Payoff(Side.HARM, rho.getAsDouble(), m, plan.tolerance()), units, 1);
      if (inStep) {
        betOnSafe(new Payoff(Side.SAFE, rho.getAsDouble(), m, margin), units);
      }
    }
  }

  // A hypothesis that is impossible by the slice's own shares is not bet against: that only costs
  // power.
  private void betOnSafe(Payoff payoff, UnitScores units) {
    if (payoff.bound() > 0) {
      safe.bet(payoff, units, 1);
    }
  }

  /// Learns the baseline of what was bet on.
  void learn(SliceCounts counts) {
    centre.add(counts);
  }

  @Override
  public SliceCounts tally(Cohort cohort, long horizonMicros) {
    return judged(cohort, horizonMicros).requests();
  }

  /// What the metric says of a cohort.
  ///
  /// @param units by the mean of their requests
  private record Judged(UnitScores units, SliceCounts requests) {}

  private Judged judged(Cohort cohort, long horizonMicros) {
    UnitScores.Arm[] arms = {new UnitScores.Arm(), new UnitScores.Arm()};
    long[] all = new long[2];
    long[] bad = new long[2];
    for (Observation unit : cohort.observations()) {
      int arm = unit.arm() == Arm.CANARY ? 0 : 1;
      long allBefore = all[arm];
      long badBefore = bad[arm];
      for (Observation seen : unit.requests()) {
        AtHorizon.Badness badness = AtHorizon.rate(metric, seen, horizonMicros);
        all[arm] += badness == AtHorizon.Badness.EXCLUDED ? 0 : 1;
        bad[arm] += badness == AtHorizon.Badness.BAD ? 1 : 0;
      }
      if (all[arm] > allBefore) {
        arms[arm].addSession(bad[arm] - badBefore, all[arm] - allBefore);
      }
    }
    return new Judged(
        UnitScores.Arm.together(arms[0], arms[1]), new SliceCounts(bad[0], all[0], bad[1], all[1]));
  }

  @Override
  public double harmLogE() {
    return harm.logE();
  }

  @Override
  public List<Evidence.Safe> safe(double threshold) {
    return List.of(new Evidence.Safe("rate", safe.logE(), threshold));
  }

  @Override
  public List<Evidence.Quantile> quantiles() {
    return List.of();
  }

  @Override
  public State state() {
    return new State(harm.state(), safe.state(), centre.state());
  }
}
