// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import dev.weir.analysis.sequential.LatencySample.Kind;
import dev.weir.analysis.sequential.LatencySample.Thresholds;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Two-sided sequential test of scaled stochastic dominance: is the canary's latency, divided by `1
/// + tolerance`, at most the baseline's in distribution?
///
/// Harm: for each quantile of its [ComparedQuantiles], "slower than the baseline's quantile" is a
/// badness whose rates are compared with delta = 0; the metric's e-value is the mean over
/// quantiles. Safe: the same at the safe quantiles with the wider margin; all must pass. Thresholds
/// come from the baseline's earlier slices; while these have fewer than 50 requests, a slice only
/// updates the histogram.
///
/// Requests may be of two kinds ([LatencySample.Kind]) with a histogram each: a request is bad when
/// it is slower than the quantile of its own kind, so both kinds have the same rates and are
/// compared together. The kind does not depend on the arm, which keeps the test exact.
///
/// Requests of the first kind may have strata; see [StratumHistograms].
public final class LatencyDetector {

  /// Minimum requests in a histogram for thresholds.
  public static final double MINIMUM_TOTAL = 50;

  private static final double LARGE_LOG = Math.log(1.5);

  private final ComparedQuantiles shape;
  private final double toleranceLog;
  private final DispersionDivisor phi;
  private final LogHistogram plain;
  private final LogHistogram other;
  private final StratumHistograms strata;
  private final List<EProcess> harm = new ArrayList<>();
  private final List<EProcess> safe = new ArrayList<>();
  private final List<EProcess> large = new ArrayList<>();
  private final List<Double> slowdowns;
  private final List<List<EProcess>> slow = new ArrayList<>();
  private final List<Ewma> centres = new ArrayList<>();
  private double marginLog;

  /// @param tolerance relative, for harm: 0.10 = 10 % slower is tolerated
  /// @param margin relative, for safety
  /// @param phi dispersion divisor
  /// @param seed prior baseline values
  public LatencyDetector(
      ComparedQuantiles shape,
      double tolerance,
      double margin,
      DispersionDivisor phi,
      Buckets seed) {
    this(shape, tolerance, margin, phi, List.of(), seed, Buckets.empty(), 0);
  }

  /// @param slowdowns factors above 1; whether the canary is slower by each of them is tested for
  ///   [#slowdownLogE]
  /// @param seed prior baseline values
  /// @param seedOfOther prior baseline values of the other kind
  /// @param strata number of strata; 0 to compare all requests of a kind with one threshold
  public LatencyDetector(
      ComparedQuantiles shape,
      double tolerance,
      double margin,
      DispersionDivisor phi,
      List<Double> slowdowns,
      Buckets seed,
      Buckets seedOfOther,
      int strata) {
    this(
        shape,
        tolerance,
        margin,
        phi,
        slowdowns,
        LogHistogram.of(seed),
        LogHistogram.of(seedOfOther),
        StratumHistograms.start(strata));
    slowdowns.forEach(_ -> slow.add(freshSafe()));
    for (double q : shape.harm()) {
      harm.add(new EProcess());
      if (phi.uncertain()) {
        large.add(new EProcess());
      }
      centres.add(new Ewma(1 - q));
    }
    beginStep(margin);
  }

  private LatencyDetector(
      ComparedQuantiles shape,
      double tolerance,
      double margin,
      DispersionDivisor phi,
      List<Double> slowdowns,
      LogHistogram plain,
      LogHistogram other,
      StratumHistograms strata) {
    if (!(tolerance >= 0 && Double.isFinite(tolerance))) {
      throw new IllegalArgumentException("a tolerance is a number >= 0 but is " + tolerance);
    }
    this.shape = shape;
    this.toleranceLog = Math.log1p(tolerance);
    this.marginLog = checkedLog(margin);
    this.phi = phi;
    this.slowdowns = List.copyOf(slowdowns);
    this.plain = plain;
    this.other = other;
    this.strata = strata;
  }

  private double checkedLog(double margin) {
    if (!(Math.log1p(margin) >= toleranceLog && Double.isFinite(margin))) {
      throw new IllegalArgumentException(
          "a margin is a number not below the tolerance but is " + margin);
    }
    return Math.log1p(margin);
  }

  /// The persistent state, without the plan.
  ///
  /// @param large tests of a large difference, one per quantile; none if the noise was known at the
  ///   start
  /// @param slow tests of each slowdown, one per safe quantile
  /// @param strata a histogram per stratum; empty without strata
  public record State(
      List<EProcess.State> harm,
      List<EProcess.State> large,
      List<EProcess.State> safe,
      List<List<EProcess.State>> slow,
      List<Ewma.State> centres,
      Buckets histogram,
      Buckets ofOther,
      List<Buckets> strata) {
    public State {
      harm = List.copyOf(harm);
      large = List.copyOf(large);
      safe = List.copyOf(safe);
      slow = slow.stream().map(List::copyOf).toList();
      centres = List.copyOf(centres);
      strata = List.copyOf(strata);
    }
  }

  public static LatencyDetector of(
      ComparedQuantiles shape,
      double tolerance,
      double margin,
      DispersionDivisor phi,
      List<Double> slowdowns,
      State state) {
    if (state.harm().size() != shape.harm().size()
        || state.safe().size() != shape.safe().size()
        || state.slow().size() != slowdowns.size()
        || state.centres().size() != shape.harm().size()) {
      throw new IllegalArgumentException("not the state of a test of this shape");
    }
    LatencyDetector detector =
        new LatencyDetector(
            shape,
            tolerance,
            margin,
            phi,
            slowdowns,
            LogHistogram.of(state.histogram()),
            LogHistogram.of(state.ofOther()),
            StratumHistograms.of(state.strata()));
    state.harm().forEach(s -> detector.harm.add(EProcess.of(s)));
    state.large().forEach(s -> detector.large.add(EProcess.of(s)));
    state.safe().forEach(s -> detector.safe.add(EProcess.of(s)));
    state.slow().forEach(of -> detector.slow.add(of.stream().map(EProcess::of).toList()));
    state.centres().forEach(s -> detector.centres.add(Ewma.of(s)));
    return detector;
  }

  public State state() {
    return new State(
        harm.stream().map(EProcess::state).toList(),
        large.stream().map(EProcess::state).toList(),
        safe.stream().map(EProcess::state).toList(),
        slow.stream().map(of -> of.stream().map(EProcess::state).toList()).toList(),
        centres.stream().map(Ewma::state).toList(),
        plain.buckets(),
        other.buckets(),
        strata.buckets());
  }

  /// Resets the safe side.
  ///
  /// @param margin margin of this step
  public void beginStep(double margin) {
    marginLog = checkedLog(margin);
    safe.clear();
    safe.addAll(freshSafe());
  }

  private List<EProcess> freshSafe() {
    return shape.safe().stream().map(_ -> new EProcess()).toList();
  }

  /// Pays out part of the harm side's reserves; see [EProcess#deposit].
  public void deposit(double fraction) {
    harm.forEach(process -> process.deposit(fraction));
    large.forEach(process -> process.deposit(fraction));
  }

  /// Whether there is enough baseline data for thresholds of either kind.
  public boolean ready() {
    return ready(Kind.PLAIN) || ready(Kind.OTHER);
  }

  /// Whether there is enough baseline data for thresholds of that kind. Only then can its requests
  /// be evaluated.
  public boolean ready(Kind kind) {
    return of(kind).total() >= MINIMUM_TOTAL;
  }

  /// The stratum with which a request of the first kind is compared: its own, or
  /// [LatencySample#NO_STRATUM] if this test has no strata.
  public int stratum(int own) {
    return own < strata.size() ? own : LatencySample.NO_STRATUM;
  }

  /// Whether a request of the first kind can be evaluated.
  public boolean judges(int stratum) {
    boolean own = stratum >= 0 && strata.any();
    return own ? strata.ready(stratum) : ready(Kind.PLAIN);
  }

  private LogHistogram of(Kind kind) {
    return kind == Kind.OTHER ? other : plain;
  }

  /// Log of the time (in seconds) after which every test on this slice is settled: it exceeds every
  /// threshold, including tolerance and margin. Empty until [#ready].
  public Optional<Double> horizonLog() {
    return Stream.concat(
            Stream.of(Kind.values()).filter(this::ready).map(this::of), strata.ready().stream())
        .map(this::horizonLog)
        .max(Double::compare);
  }

  private double horizonLog(LogHistogram histogram) {
    return Math.max(
        histogram.quantileLog(shape.highestHarm()) + toleranceLog,
        histogram.quantileLog(shape.highestSafe()) + marginLog);
  }

  /// Consumes a slice.
  ///
  /// @param rho canary probability
  /// @param inStep whether the slice counts for the safe side
  /// @param censoredLog log seconds at which unfinished baseline requests are added to the
  ///   histogram
  /// @return the counts per quantile of [ComparedQuantiles#harm()]; empty if the slice only updated
  ///   the histogram
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
    large.forEach(EProcess::beginSlice);
    slow.forEach(tests -> tests.forEach(EProcess::beginSlice));
    if (inStep) {
      safe.forEach(EProcess::beginSlice);
    }
    List<Exceedances> counted = ready() ? betOnAll(canary, baseline, rho, inStep) : List.of();
    learn(baseline, censoredLog);
    return counted;
  }

  /// Consumes a slice without a bet: it only updates the histogram.
  public void skip(LatencySample baseline, boolean inStep, double censoredLog) {
    harm.forEach(EProcess::beginSlice);
    large.forEach(EProcess::beginSlice);
    slow.forEach(tests -> tests.forEach(EProcess::beginSlice));
    if (inStep) {
      safe.forEach(EProcess::beginSlice);
    }
    learn(baseline, censoredLog);
  }

  private void learn(LatencySample baseline, double censoredLog) {
    for (Kind kind : Kind.values()) {
      of(kind).decay(Ewma.DECAY);
      baseline.addTo(of(kind), kind, censoredLog);
    }
    strata.learn(baseline);
  }

  private Thresholds thresholds(double q) {
    double plainLog = threshold(Kind.PLAIN, q);
    return new Thresholds(plainLog, threshold(Kind.OTHER, q), strata.thresholds(q, plainLog));
  }

  private double threshold(Kind kind, double q) {
    return ready(kind) ? of(kind).quantileLog(q) : Double.NaN;
  }

  private List<Exceedances> betOnAll(
      LatencySample canary, LatencySample baseline, double rho, boolean inStep) {
    List<Exceedances> counted = new ArrayList<>();
    List<UnitScores> learnt = new ArrayList<>();
    for (int i = 0; i < shape.harm().size(); i++) {
      Thresholds threshold = thresholds(shape.harm().get(i));
      UnitScores scores = scores(canary, baseline, threshold, toleranceLog);
      double centre = centres.get(i).value();
      Payoff payoff = new Payoff(Side.HARM, rho, centre, 0);
      harm.get(i).bet(payoff, scores, phi.ofHarm(i, rho));
      if (!large.isEmpty()) {
        UnitScores beyond = scores(canary, baseline, threshold, largeLog());
        large.get(i).bet(payoff, beyond, phi.ofLargeHarm(rho));
      }
      counted.add(new Exceedances(threshold, counts(canary, baseline, threshold, toleranceLog)));
      learnt.add(scores);
    }
    if (inStep) {
      betOnSafe(safe, marginLog, canary, baseline, counted, rho);
    }
    for (int i = 0; i < slow.size(); i++) {
      betOnSafe(slow.get(i), Math.log(slowdowns.get(i)), canary, baseline, counted, rho);
    }
    for (int i = 0; i < learnt.size(); i++) {
      centres.get(i).add(learnt.get(i));
    }
    return counted;
  }

  private void betOnSafe(
      List<EProcess> tests,
      double shiftLog,
      LatencySample canary,
      LatencySample baseline,
      List<Exceedances> counted,
      double rho) {
    for (int j = 0; j < shape.safe().size(); j++) {
      int place = shape.placeOfSafe(j);
      Thresholds threshold = counted.get(place).thresholds();
      UnitScores scores = scores(canary, baseline, threshold, shiftLog);
      double centre = centres.get(place).value();
      tests.get(j).bet(new Payoff(Side.SAFE, rho, centre, 0), scores, phi.at(place, rho));
    }
  }

  private static UnitScores scores(
      LatencySample canary, LatencySample baseline, Thresholds threshold, double shift) {
    return UnitScores.Arm.together(canary.scores(threshold, shift), baseline.scores(threshold, 0));
  }

  private static SliceCounts counts(
      LatencySample canary, LatencySample baseline, Thresholds threshold, double shift) {
    return new SliceCounts(
        canary.exceeding(threshold, shift),
        canary.count(),
        baseline.exceeding(threshold, 0),
        baseline.count());
  }

  /// @param thresholds the baseline quantiles used
  /// @param counts requests beyond the thresholds, with the tolerance for the canary
  public record Exceedances(Thresholds thresholds, SliceCounts counts) {
    /// The threshold of plain requests, log seconds.
    public double thresholdLog() {
      return thresholds.plain();
    }
  }

  /// Natural log of the harm side's e-value, the mean over quantiles. While the noise is large or
  /// not known well enough, only a large difference counts: a factor of 1.5.
  public double harmLogE() {
    boolean largeOnly = phi.uncertain() && !(strata.any() && phi.outweighed());
    List<EProcess> counted = largeOnly && !large.isEmpty() ? large : harm;
    return EProcess.logMeanE(counted.stream().mapToDouble(EProcess::logE).toArray());
  }

  private double largeLog() {
    return Math.max(LARGE_LOG, toleranceLog);
  }

  /// Natural logs of the safe side's e-values, in the order of [ComparedQuantiles#safe()].
  public List<Double> safeLogE() {
    return safe.stream().map(EProcess::logE).toList();
  }

  /// Natural logs of the e-values against "slower by this factor", in the order of the slowdowns;
  /// each is the smallest over the safe quantiles.
  public List<Double> slowdownLogE() {
    return slow.stream()
        .map(tests -> tests.stream().mapToDouble(EProcess::logE).min().orElseThrow())
        .toList();
  }
}
