// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.MetricEvaluator;
import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.PrefillClass;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.Buckets;
import dev.weir.analysis.sequential.ComparedQuantiles;
import dev.weir.analysis.sequential.DispersionDivisor;
import dev.weir.analysis.sequential.LatencyDetector;
import dev.weir.analysis.sequential.LatencySample;
import dev.weir.analysis.sequential.LatencySample.Kind;
import dev.weir.analysis.sequential.LearnedDispersion;
import dev.weir.analysis.sequential.LogHistogram;
import dev.weir.analysis.sequential.SliceCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// The tests of a latency or a length: the detector, and undecayed histograms of the step for
/// display.
final class SizeSignal implements Signal {
  private static final double MICROS_PER_SECOND = 1e6;
  private static final double MILLIS = 1000;
  private static final List<Double> SHOWN = List.of(.50, .95);

  private final ReleaseMetric metric;
  private final ComparedQuantiles shape;
  private final LatencyDetector detector;
  private final Optional<LearnedDispersion> learned;
  private final LogHistogram canaryInStep;
  private final LogHistogram baselineInStep;
  private double proven;

  SizeSignal(ReleaseMetric metric, AnalysisPlan plan, double margin, State state) {
    this.metric = metric;
    shape = shape(metric);
    proven = margin;
    double tolerance = plan.metric(metric).tolerance();
    learned = state.learned().map(of -> new LearnedDispersion(of, plan.measured(metric)));
    DispersionDivisor phi =
        learned.map(DispersionDivisor.class::cast).orElseGet(() -> plan.phi(metric));
    detector =
        LatencyDetector.of(shape, tolerance, margin, phi, plan.slowdowns(metric), state.detector());
    canaryInStep = LogHistogram.of(state.canary());
    baselineInStep = LogHistogram.of(state.baseline());
  }

  record State(
      LatencyDetector.State detector,
      Buckets canary,
      Buckets baseline,
      Optional<LearnedDispersion.State> learned)
      implements Signal.State {}

  static SizeSignal start(ReleaseMetric metric, AnalysisPlan plan, BaselineSeed seed) {
    Buckets known = Optional.ofNullable(seed.latencies().get(metric)).orElse(Buckets.empty());
    MetricPlan of = plan.metric(metric);
    Buckets inOnePiece = metric == ReleaseMetric.TTFT ? seed.firstBytes() : Buckets.empty();
    Optional<LearnedDispersion> learned =
        plan.learns(metric)
            ? Optional.of(
                LearnedDispersion.start(shape(metric).harm().size(), plan.measured(metric)))
            : Optional.empty();
    DispersionDivisor phi =
        learned.map(DispersionDivisor.class::cast).orElseGet(() -> plan.phi(metric));
    LatencyDetector fresh =
        new LatencyDetector(
            shape(metric),
            of.tolerance(),
            of.margin(),
            phi,
            plan.slowdowns(metric),
            known,
            inOnePiece,
            metric == ReleaseMetric.TTFT ? PrefillClass.COUNT : 0);
    return new SizeSignal(
        metric,
        plan,
        of.margin(),
        new State(
            fresh.state(),
            Buckets.empty(),
            Buckets.empty(),
            learned.map(LearnedDispersion::state)));
  }

  static ComparedQuantiles shape(ReleaseMetric metric) {
    return metric.kind() == ReleaseMetric.Kind.LENGTH
        ? ComparedQuantiles.LENGTH
        : ComparedQuantiles.LATENCY;
  }

  @Override
  public void beginStep(double margin, boolean proofContinues) {
    if (!proofContinues || margin != proven) {
      detector.beginStep(margin);
    }
    proven = margin;
    canaryInStep.clear();
    baselineInStep.clear();
  }

  @Override
  public void deposit(double fraction) {
    detector.deposit(fraction);
  }

  /// The time (log seconds) after which every test on the next cohort is settled.
  Optional<Double> horizonLog() {
    return detector.horizonLog();
  }

  @Override
  public AnalysisEvidence.Judged consume(
      Cohort cohort, long horizonMicros, SplitSource split, boolean inStep) {
    LatencySample canary = new LatencySample();
    LatencySample baseline = new LatencySample();
    for (Observation unit : cohort.observations()) {
      addUnit(unit.arm() == Arm.CANARY ? canary : baseline, unit, horizonMicros);
    }
    double censoredLog = Math.log(horizonMicros / MICROS_PER_SECOND);
    if (inStep) {
      canary.addTo(canaryInStep, shownKind(), censoredLog);
      baseline.addTo(baselineInStep, shownKind(), censoredLog);
    }
    OptionalDouble rho = split.rho(cohort.rho(), canary.units(), baseline.units());
    if (rho.isEmpty()) {
      detector.skip(baseline, inStep, censoredLog);
      return AnalysisEvidence.Judged.NONE;
    }
    List<LatencyDetector.Exceedances> counted =
        detector.slice(canary, baseline, rho.getAsDouble(), inStep, censoredLog);
    if (!counted.isEmpty()) {
      learned.ifPresent(of ->
          of.observe(
              cohort.endMillis(),
              rho.getAsDouble(),
              counted.stream().map(LatencyDetector.Exceedances::counts).toList()));
    }
    return counted.isEmpty()
        ? AnalysisEvidence.Judged.NONE
        : AnalysisEvidence.Judged.of(counted.get(shape.shown()).counts());
  }

  private void addUnit(LatencySample sample, Observation unit, long horizonMicros) {
    if (unit.sessionRequests().isEmpty()) {
      add(sample, unit, horizonMicros);
      return;
    }
    LatencySample session = new LatencySample();
    unit.requests().forEach(observation -> add(session, observation, horizonMicros));
    sample.addSession(session);
  }

  private void add(LatencySample sample, Observation observation, long horizonMicros) {
    double size = MetricEvaluator.size(metric, observation, horizonMicros);
    Kind kind = kind(observation);
    // While neither kind has thresholds, the detector does not evaluate anything.
    boolean judge = detector.ready(kind) || !detector.ready();
    if (size == MetricEvaluator.CENSORED) {
      sample.addCensored(kind, judge);
    } else if (size >= 0 && kind == Kind.PLAIN) {
      int stratum = detector.stratum(PrefillClass.of(observation.prefillTokens()));
      sample.addPlain(size, stratum, detector.judges(stratum) || !detector.ready());
    } else if (size >= 0) {
      sample.add(size, kind, judge);
    }
  }

  // The first token of a stream and the first byte of another response are not comparable: the byte
  // is sent after all tokens exist.
  private Kind kind(Observation observation) {
    return metric == ReleaseMetric.TTFT && observation.form().notStreamed()
        ? Kind.OTHER
        : Kind.PLAIN;
  }

  // Quantiles over both kinds together would be meaningless.
  private Kind shownKind() {
    return detector.ready(Kind.OTHER) && !detector.ready(Kind.PLAIN) ? Kind.OTHER : Kind.PLAIN;
  }

  @Override
  public SliceCounts tally(Cohort cohort, long horizonMicros) {
    long[] all = new long[2];
    long[] censored = new long[2];
    for (Observation unit : cohort.observations()) {
      int arm = unit.arm() == Arm.CANARY ? 0 : 1;
      for (Observation observation : unit.requests()) {
        double size = MetricEvaluator.size(metric, observation, horizonMicros);
        all[arm] += size == MetricEvaluator.EXCLUDED ? 0 : 1;
        censored[arm] += size == MetricEvaluator.CENSORED ? 1 : 0;
      }
    }
    return new SliceCounts(censored[0], all[0], censored[1], all[1]);
  }

  @Override
  public AnalysisEvidence.Ungraded ungraded(Cohort cohort, long horizonMicros) {
    return AnalysisEvidence.Ungraded.NONE;
  }

  @Override
  public double harmLogE() {
    return detector.harmLogE();
  }

  @Override
  public List<AnalysisEvidence.Safe> safe(double threshold) {
    List<AnalysisEvidence.Safe> safe = new ArrayList<>();
    List<Double> logs = detector.safeLogE();
    for (int i = 0; i < logs.size(); i++) {
      long percent = Math.round(100 * shape.safe().get(i));
      safe.add(new AnalysisEvidence.Safe("p" + percent, logs.get(i), threshold));
    }
    return safe;
  }

  @Override
  public List<Double> slowdownLogE() {
    return detector.slowdownLogE();
  }

  @Override
  public Optional<Double> learnedDivisor() {
    return learned.map(LearnedDispersion::largest);
  }

  @Override
  public List<AnalysisEvidence.Quantile> quantiles() {
    return SHOWN.stream()
        .map(
            q -> new AnalysisEvidence.Quantile(q, shown(canaryInStep, q), shown(baselineInStep, q)))
        .toList();
  }

  /// Milliseconds or tokens; if fewer are worse, the quantile from the other end.
  private Optional<Double> shown(LogHistogram histogram, double q) {
    OptionalDouble millis = histogram.quantileMillis(q);
    if (millis.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        switch (metric) {
          case LENGTH_UP -> millis.getAsDouble() / MILLIS;
          case LENGTH_DOWN -> MILLIS / millis.getAsDouble();
          default -> millis.getAsDouble();
        });
  }

  @Override
  public State state() {
    return new State(
        detector.state(),
        canaryInStep.buckets(),
        baselineInStep.buckets(),
        learned.map(LearnedDispersion::state));
  }
}
