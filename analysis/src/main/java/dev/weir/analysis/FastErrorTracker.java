// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.proof.ProofScope;
import dev.weir.analysis.sequential.SliceCounts;
import dev.weir.analysis.sequential.UnitScores;
import java.util.List;
import java.util.Optional;

/// Feeds slices to [ReleaseMetric#FAST_ERROR]. They are short and complete on arrival, so each is
/// consumed at once. The baseline is updated once every ten slices, as often as other metrics
/// update theirs with slices of five seconds.
///
/// Other metrics pay out their reserve once a minute; this one pays it out continuously. The most
/// aggressive bettors, which detect an outage in five failures, lose their wealth to the first
/// baseline failures, and a minute is long in an outage. The payout depends only on the slices'
/// times, so it is fixed before the data.
final class FastErrorTracker {
  private static final int SLICES_PER_TURN = 10;
  private static final double LOG_KEPT_PER_MILLI = Math.log1p(-.05) / 60_000;
  private static final long LONGEST_PAYOUT_MILLIS = 5_000;

  private final AnalysisPlan plan;
  private final RateSignal signal;
  private long cursor = -1;
  private long slices;
  private long lastDataMillis;
  private SliceCounts unlearnt = new SliceCounts(0, 0, 0, 0);
  private AnalysisEvidence.Judged step = AnalysisEvidence.Judged.NONE;
  private AnalysisEvidence.Judged rollout = AnalysisEvidence.Judged.NONE;
  private AnalysisEvidence.Judged generated = AnalysisEvidence.Judged.NONE;

  FastErrorTracker(AnalysisPlan plan, BaselineSeed seed) {
    this.plan = plan;
    signal = RateSignal.start(ReleaseMetric.FAST_ERROR, plan, seed);
  }

  /// @param margin margin of the current step
  FastErrorTracker(AnalysisPlan plan, double margin, State state) {
    this.plan = plan;
    signal = new RateSignal(ReleaseMetric.FAST_ERROR, plan, margin, state.signal());
    cursor = state.cursor();
    slices = state.slices();
    lastDataMillis = state.lastDataMillis();
    unlearnt = state.unlearnt();
    step = state.step();
    rollout = state.rollout();
    generated = state.generated();
  }

  /// The persistent state.
  record State(
      long cursor,
      long slices,
      long lastDataMillis,
      SliceCounts unlearnt,
      AnalysisEvidence.Judged step,
      AnalysisEvidence.Judged rollout,
      AnalysisEvidence.Judged generated,
      RateSignal.State signal) {}

  State state() {
    return new State(
        cursor, slices, lastDataMillis, unlearnt, step, rollout, generated, signal.state());
  }

  void beginStep(long nowMillis, double margin, boolean weightRaised) {
    if (weightRaised) {
      signal.deposit(CanaryAnalysis.depositOnNewWeight(plan));
    }
    signal.beginStep(margin, plan.proof() == ProofScope.RELEASE);
    step = AnalysisEvidence.Judged.NONE;
    lastDataMillis = Math.max(lastDataMillis, nowMillis);
  }

  /// Consumes a slice, unless it is already consumed.
  void consume(FastSlice slice, SplitSource split, boolean inStep) {
    if (slice.ordinal() <= cursor) {
      return;
    }
    cursor = slice.ordinal();
    if (slices % SLICES_PER_TURN == 0) {
      signal.learn(unlearnt);
      unlearnt = new SliceCounts(0, 0, 0, 0);
    }
    slices++;
    boolean proves = inStep || plan.proof() == ProofScope.RELEASE;
    signal.deposit(paidOut(slice), proves);
    signal.bet(UnitScores.of(slice.counts()), slice.rho(), split, proves);
    unlearnt = unlearnt.plus(slice.counts());
    AnalysisEvidence.Judged judged = AnalysisEvidence.Judged.of(slice.counts());
    rollout = rollout.plus(judged);
    generated = slice.stratum().generated() ? generated.plus(judged) : generated;
    step = inStep ? step.plus(judged) : step;
    lastDataMillis = Math.max(lastDataMillis, slice.endMillis());
  }

  private double paidOut(FastSlice slice) {
    long millis = Math.clamp(slice.endMillis() - lastDataMillis, 0, LONGEST_PAYOUT_MILLIS);
    return -Math.expm1(millis * LOG_KEPT_PER_MILLI);
  }

  AnalysisEvidence.MetricResult evidence(double alpha, long nowMillis) {
    double threshold = Decisions.harmThreshold(alpha, plan.metric(ReleaseMetric.FAST_ERROR));
    return new AnalysisEvidence.MetricResult(
        new AnalysisEvidence.Harm(signal.harmLogE(), threshold),
        signal.safe(Decisions.safeThreshold(plan)),
        step,
        rollout,
        generated,
        new AnalysisEvidence.Late(0, 0),
        List.of(),
        Horizons.FAST_MILLIS,
        Math.max(0, nowMillis - lastDataMillis),
        3 * (Horizons.FAST_MILLIS + plan.sliceMillis()),
        Optional.empty(),
        rollout.any(),
        AnalysisEvidence.Ungraded.NONE,
        Optional.empty());
  }
}
