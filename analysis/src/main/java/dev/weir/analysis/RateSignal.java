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
    UnitScores units = units(cohort, horizonMicros);
    beginSlice(inStep);
    bet(units, cohort.rho(), split, inStep);
    centre.add(units);
    return tally(cohort, horizonMicros);
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
    long[] all = new long[2];
    long[] bad = new long[2];
    for (Observation unit : cohort.observations()) {
      int arm = unit.arm() == Arm.CANARY ? 0 : 1;
      for (Observation seen : unit.requests()) {
        AtHorizon.Badness badness = AtHorizon.rate(metric, seen, horizonMicros);
        all[arm] += badness == AtHorizon.Badness.EXCLUDED ? 0 : 1;
        bad[arm] += badness == AtHorizon.Badness.BAD ? 1 : 0;
      }
    }
    return new SliceCounts(bad[0], all[0], bad[1], all[1]);
  }

  private UnitScores units(Cohort cohort, long horizonMicros) {
    UnitScores.Arm canary = new UnitScores.Arm();
    UnitScores.Arm baseline = new UnitScores.Arm();
    for (Observation unit : cohort.observations()) {
      add(unit.arm() == Arm.CANARY ? canary : baseline, unit, horizonMicros);
    }
    return UnitScores.Arm.together(canary, baseline);
  }

  private void add(UnitScores.Arm arm, Observation unit, long horizonMicros) {
    long all = 0;
    long bad = 0;
    for (Observation seen : unit.requests()) {
      AtHorizon.Badness badness = AtHorizon.rate(metric, seen, horizonMicros);
      all += badness == AtHorizon.Badness.EXCLUDED ? 0 : 1;
      bad += badness == AtHorizon.Badness.BAD ? 1 : 0;
    }
    if (all > 0) {
      arm.addSession(bad, all);
    }
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
