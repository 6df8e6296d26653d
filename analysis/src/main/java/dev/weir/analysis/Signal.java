// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.weir.analysis.sequential.Buckets;
import dev.weir.analysis.sequential.EProcess;
import dev.weir.analysis.sequential.Ewma;
import dev.weir.analysis.sequential.LatencyDetector;
import dev.weir.analysis.sequential.LatencySample;
import dev.weir.analysis.sequential.LogHistogram;
import dev.weir.analysis.sequential.Payoff;
import dev.weir.analysis.sequential.Side;
import dev.weir.analysis.sequential.SliceCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// The tests of one metric, both sides, fed with one cohort at a time.
sealed interface Signal {

  /// Starts the safe side and the displayed quantiles afresh.
  void beginStep();

  /// Pays part of the harm side's reserve out, on a change of weight.
  void deposit(double fraction);

  /// Consumes one cohort, each request judged as of the horizon.
  SliceCounts consume(Cohort cohort, long horizonMicros, boolean inStep);

  /// Requests of each arm that the metric counts in a cohort, and those whose badness needs no
  /// threshold: what later amendments are compared with.
  SliceCounts tally(Cohort cohort, long horizonMicros);

  double harmLogE();

  List<Evidence.Safe> safe(double threshold);

  List<Evidence.Quantile> quantiles();

  State state();

  /// What is kept of a signal.
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = RateState.class, name = "rate"),
    @JsonSubTypes.Type(value = LatencyState.class, name = "latency")
  })
  sealed interface State permits RateState, LatencyState {}

  record RateState(EProcess.State harm, EProcess.State safe, Ewma.State centre) implements State {}

  record LatencyState(LatencyDetector.State detector, Buckets canary, Buckets baseline)
      implements State {}

  static Signal start(Metric metric, AnalysisPlan plan, BaselineSeed seed) {
    return switch (metric.kind()) {
      case RATE -> {
        BaselineSeed.Rate known =
            Optional.ofNullable(seed.rates().get(metric)).orElse(new BaselineSeed.Rate(0, 0));
        double prior = plan.metric(metric).prior();
        yield new OfRate(
            metric,
            plan.metric(metric),
            new RateState(
                new EProcess().state(),
                new EProcess().state(),
                new Ewma(prior, known.bad(), known.requests()).state()));
      }
      case LATENCY -> {
        Buckets known = Optional.ofNullable(seed.latencies().get(metric)).orElse(Buckets.empty());
        MetricPlan of = plan.metric(metric);
        LatencyDetector fresh =
            new LatencyDetector(of.tolerance(), of.margin(), plan.dispersion(), known);
        yield new OfLatency(
            metric, plan, new LatencyState(fresh.state(), Buckets.empty(), Buckets.empty()));
      }
    };
  }

  static Signal restore(Metric metric, AnalysisPlan plan, State state) {
    return switch (state) {
      case RateState rate -> new OfRate(metric, plan.metric(metric), rate);
      case LatencyState latency -> new OfLatency(metric, plan, latency);
    };
  }

  /// A rate: harm against the tolerance, safety against the margin, one centre for both.
  final class OfRate implements Signal {
    private final Metric metric;
    private final MetricPlan plan;
    private final EProcess harm;
    private final Ewma centre;
    private EProcess safe;

    OfRate(Metric metric, MetricPlan plan, RateState state) {
      this.metric = metric;
      this.plan = plan;
      harm = EProcess.of(state.harm());
      safe = EProcess.of(state.safe());
      centre = Ewma.of(state.centre());
    }

    @Override
    public void beginStep() {
      safe = new EProcess();
    }

    @Override
    public void deposit(double fraction) {
      harm.deposit(fraction);
    }

    @Override
    public SliceCounts consume(Cohort cohort, long horizonMicros, boolean inStep) {
      SliceCounts counts = tally(cohort, horizonMicros);
      double m = centre.value();
      harm.beginSlice();
      harm.bet(new Payoff(Side.HARM, cohort.rho(), m, plan.tolerance()), counts, 1);
      if (inStep) {
        safe.beginSlice();
        safe.bet(new Payoff(Side.SAFE, cohort.rho(), m, plan.margin()), counts, 1);
      }
      centre.add(counts);
      return counts;
    }

    @Override
    public SliceCounts tally(Cohort cohort, long horizonMicros) {
      long[] all = new long[2];
      long[] bad = new long[2];
      for (Observation seen : cohort.observations()) {
        int arm = seen.arm() == Arm.CANARY ? 0 : 1;
        AtHorizon.Badness badness = AtHorizon.rate(metric, seen, horizonMicros);
        all[arm] += badness == AtHorizon.Badness.EXCLUDED ? 0 : 1;
        bad[arm] += badness == AtHorizon.Badness.BAD ? 1 : 0;
      }
      return new SliceCounts(bad[0], all[0], bad[1], all[1]);
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
      return new RateState(harm.state(), safe.state(), centre.state());
    }
  }

  /// A latency: the detector, and undecayed histograms of the step for display.
  final class OfLatency implements Signal {
    private static final double MICROS_PER_SECOND = 1e6;
    private static final int P95 = LatencyDetector.HARM_QUANTILES.indexOf(.95);
    private static final List<Double> SHOWN = List.of(.50, .95);

    private final Metric metric;
    private final LatencyDetector detector;
    private final LogHistogram canaryInStep;
    private final LogHistogram baselineInStep;

    OfLatency(Metric metric, AnalysisPlan plan, LatencyState state) {
      this.metric = metric;
      MetricPlan of = plan.metric(metric);
      detector =
          LatencyDetector.of(of.tolerance(), of.margin(), plan.dispersion(), state.detector());
      canaryInStep = LogHistogram.of(state.canary());
      baselineInStep = LogHistogram.of(state.baseline());
    }

    @Override
    public void beginStep() {
      detector.beginStep();
      canaryInStep.clear();
      baselineInStep.clear();
    }

    @Override
    public void deposit(double fraction) {
      detector.deposit(fraction);
    }

    /// After this time (log seconds) every test on the next cohort is settled.
    Optional<Double> horizonLog() {
      return detector.horizonLog();
    }

    @Override
    public SliceCounts consume(Cohort cohort, long horizonMicros, boolean inStep) {
      LatencySample canary = new LatencySample();
      LatencySample baseline = new LatencySample();
      for (Observation seen : cohort.observations()) {
        add(seen.arm() == Arm.CANARY ? canary : baseline, seen, horizonMicros);
      }
      double censoredLog = Math.log(horizonMicros / MICROS_PER_SECOND);
      List<LatencyDetector.Exceedances> counted =
          detector.slice(canary, baseline, cohort.rho(), inStep, censoredLog);
      if (inStep) {
        canary.addTo(canaryInStep, censoredLog);
        baseline.addTo(baselineInStep, censoredLog);
      }
      return counted.isEmpty() ? new SliceCounts(0, 0, 0, 0) : counted.get(P95).counts();
    }

    private void add(LatencySample sample, Observation seen, long horizonMicros) {
      long micros = AtHorizon.latencyMicros(metric, seen, horizonMicros);
      if (micros >= 0) {
        sample.add(micros / MICROS_PER_SECOND);
      } else if (micros == AtHorizon.CENSORED) {
        sample.addCensored();
      }
    }

    @Override
    public SliceCounts tally(Cohort cohort, long horizonMicros) {
      long[] all = new long[2];
      long[] censored = new long[2];
      for (Observation seen : cohort.observations()) {
        int arm = seen.arm() == Arm.CANARY ? 0 : 1;
        long micros = AtHorizon.latencyMicros(metric, seen, horizonMicros);
        all[arm] += micros == AtHorizon.EXCLUDED ? 0 : 1;
        censored[arm] += micros == AtHorizon.CENSORED ? 1 : 0;
      }
      return new SliceCounts(censored[0], all[0], censored[1], all[1]);
    }

    @Override
    public double harmLogE() {
      return detector.harmLogE();
    }

    @Override
    public List<Evidence.Safe> safe(double threshold) {
      List<Evidence.Safe> safe = new ArrayList<>();
      List<Double> logs = detector.safeLogE();
      for (int i = 0; i < logs.size(); i++) {
        long percent = Math.round(100 * LatencyDetector.SAFE_QUANTILES.get(i));
        safe.add(new Evidence.Safe("p" + percent, logs.get(i), threshold));
      }
      return safe;
    }

    @Override
    public List<Evidence.Quantile> quantiles() {
      return SHOWN.stream()
          .map(q ->
              new Evidence.Quantile(
                  q,
                  boxed(canaryInStep.quantileMillis(q)),
                  boxed(baselineInStep.quantileMillis(q))))
          .toList();
    }

    private static Optional<Double> boxed(OptionalDouble value) {
      return value.isPresent() ? Optional.of(value.getAsDouble()) : Optional.empty();
    }

    @Override
    public State state() {
      return new LatencyState(detector.state(), canaryInStep.buckets(), baselineInStep.buckets());
    }
  }
}
