// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Two-sided sequential test of scaled stochastic dominance: is the canary's latency, divided by `1
/// + tolerance`, at most the baseline's in distribution?
///
/// Harm: for each of five quantiles, "slower than the baseline's quantile" is a badness whose rates
/// are compared with delta = 0; the metric's e-value is their mean. Safe: the same at p50 and p95
/// with the wider margin, both must pass. Thresholds come from the baseline's earlier slices; while
/// these hold fewer than 50 requests, a slice only teaches the histogram.
public final class LatencyDetector {

  /// Quantiles of the harm side.
  public static final List<Double> HARM_QUANTILES = List.of(.50, .75, .90, .95, .99);

  /// Quantiles of the safe side.
  public static final List<Double> SAFE_QUANTILES = List.of(.50, .95);

  /// Requests below which a histogram gives no thresholds.
  public static final double MINIMUM_TOTAL = 50;

  private static final int[] SAFE_AT = {0, 3};

  private final double toleranceLog;
  private final double marginLog;
  private final double phi;
  private final LogHistogram histogram;
  private final List<EProcess> harm = new ArrayList<>();
  private final List<EProcess> safe = new ArrayList<>();
  private final List<Ewma> centres = new ArrayList<>();

  /// @param tolerance relative, for harm: 0.10 = 10 % slower is tolerated
  /// @param margin relative, for safety
  /// @param phi dispersion divisor
  /// @param seed baseline latencies known beforehand
  public LatencyDetector(double tolerance, double margin, double phi, Buckets seed) {
    this(tolerance, margin, phi, LogHistogram.of(seed));
    for (double q : HARM_QUANTILES) {
      harm.add(new EProcess());
      centres.add(new Ewma(1 - q));
    }
    beginStep();
  }

  private LatencyDetector(double tolerance, double margin, double phi, LogHistogram histogram) {
    if (!(tolerance >= 0 && margin >= tolerance && Double.isFinite(margin) && phi >= 1)) {
      throw new IllegalArgumentException(
          "a latency test needs 0 <= tolerance <= margin and phi >= 1 but has %s, %s, %s"
              .formatted(tolerance, margin, phi));
    }
    this.toleranceLog = Math.log1p(tolerance);
    this.marginLog = Math.log1p(margin);
    this.phi = phi;
    this.histogram = histogram;
  }

  /// Everything there is to keep besides the plan.
  public record State(
      List<EProcess.State> harm,
      List<EProcess.State> safe,
      List<Ewma.State> centres,
      Buckets histogram) {
    public State {
      harm = List.copyOf(harm);
      safe = List.copyOf(safe);
      centres = List.copyOf(centres);
      if (harm.size() != HARM_QUANTILES.size()
          || safe.size() != SAFE_QUANTILES.size()
          || centres.size() != HARM_QUANTILES.size()) {
        throw new IllegalArgumentException("not the state of a latency test");
      }
    }
  }

  public static LatencyDetector of(double tolerance, double margin, double phi, State state) {
    LatencyDetector detector =
        new LatencyDetector(tolerance, margin, phi, LogHistogram.of(state.histogram()));
    state.harm().forEach(s -> detector.harm.add(EProcess.of(s)));
    state.safe().forEach(s -> detector.safe.add(EProcess.of(s)));
    state.centres().forEach(s -> detector.centres.add(Ewma.of(s)));
    return detector;
  }

  public State state() {
    return new State(
        harm.stream().map(EProcess::state).toList(),
        safe.stream().map(EProcess::state).toList(),
        centres.stream().map(Ewma::state).toList(),
        histogram.buckets());
  }

  /// Starts the safe side afresh.
  public void beginStep() {
    safe.clear();
    SAFE_QUANTILES.forEach(q -> safe.add(new EProcess()));
  }

  /// Pays part of the harm side's reserves out; see [EProcess#deposit].
  public void deposit(double fraction) {
    harm.forEach(process -> process.deposit(fraction));
  }

  /// Whether there is enough baseline data for thresholds.
  public boolean ready() {
    return histogram.total() >= MINIMUM_TOTAL;
  }

  /// Log of the time (in seconds) after which no test on this slice can need to wait for an answer:
  /// every threshold, tolerance and margin included, lies below. Empty until [#ready].
  public Optional<Double> horizonLog() {
    return ready()
        ? Optional.of(
            Math.max(
                histogram.quantileLog(.99) + toleranceLog, histogram.quantileLog(.95) + marginLog))
        : Optional.empty();
  }

  /// Consumes a slice.
  ///
  /// @param rho canary probability
  /// @param inStep whether the slice counts for the safe side
  /// @param censoredLog where unanswered baseline requests go in the histogram, log seconds
  /// @return what was counted per quantile of [#HARM_QUANTILES]; empty if the slice only taught the
  ///   histogram
  public List<Exceedances> slice(
      LatencySample canary,
      LatencySample baseline,
      double rho,
      boolean inStep,
      double censoredLog) {
    if (Double.isNaN(censoredLog) || !(rho > 0 && rho < 1)) {
      throw new IllegalArgumentException(
          "rho must be in (0, 1) and censoredLog a number but they are %s and %s"
              .formatted(rho, censoredLog));
    }
    harm.forEach(EProcess::beginSlice);
    if (inStep) {
      safe.forEach(EProcess::beginSlice);
    }
    List<Exceedances> counted = ready() ? betOnAll(canary, baseline, rho, inStep) : List.of();
    histogram.decay(Ewma.DECAY);
    baseline.addTo(histogram, censoredLog);
    return counted;
  }

  private List<Exceedances> betOnAll(
      LatencySample canary, LatencySample baseline, double rho, boolean inStep) {
    List<Exceedances> counted = new ArrayList<>();
    for (int i = 0; i < HARM_QUANTILES.size(); i++) {
      double threshold = histogram.quantileLog(HARM_QUANTILES.get(i));
      SliceCounts counts = counts(canary, baseline, threshold, toleranceLog);
      double centre = centres.get(i).value();
      harm.get(i).bet(new Payoff(Side.HARM, rho, centre, 0), counts, phi);
      counted.add(new Exceedances(threshold, counts));
    }
    if (inStep) {
      betOnSafe(canary, counted, rho);
    }
    for (int i = 0; i < counted.size(); i++) {
      centres.get(i).add(counted.get(i).counts());
    }
    return counted;
  }

  private void betOnSafe(LatencySample canary, List<Exceedances> counted, double rho) {
    for (int j = 0; j < SAFE_AT.length; j++) {
      Exceedances at = counted.get(SAFE_AT[j]);
      SliceCounts counts =
          new SliceCounts(
              canary.exceeding(at.thresholdLog(), marginLog),
              canary.count(),
              at.counts().baselineBad(),
              at.counts().baseline());
      double centre = centres.get(SAFE_AT[j]).value();
      safe.get(j).bet(new Payoff(Side.SAFE, rho, centre, 0), counts, phi);
    }
  }

  private static SliceCounts counts(
      LatencySample canary, LatencySample baseline, double threshold, double shift) {
    return new SliceCounts(
        canary.exceeding(threshold, shift),
        canary.count(),
        baseline.exceeding(threshold, 0),
        baseline.count());
  }

  /// @param thresholdLog the baseline quantile used, log seconds
  /// @param counts requests beyond it, the canary's after its tolerance
  public record Exceedances(double thresholdLog, SliceCounts counts) {}

  /// Natural log of the harm side's e-value, the mean over quantiles.
  public double harmLogE() {
    return EProcess.logMeanE(harm.stream().mapToDouble(EProcess::logE).toArray());
  }

  /// Natural logs of the safe side's e-values, in the order of [#SAFE_QUANTILES].
  public List<Double> safeLogE() {
    return safe.stream().map(EProcess::logE).toList();
  }
}
