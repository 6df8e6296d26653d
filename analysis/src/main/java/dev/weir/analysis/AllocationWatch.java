// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.sequential.SampleRatioMismatch;

/// Watches the traffic split: does the router apply its weight, and does the canary receive traffic
/// at all? Every request counts, whatever its outcome. Counting restarts when the weight changes;
/// an alarm lasts until then, or until a user resumes the rollout.
///
/// After the first alarm, the analysis uses the observed split ([SplitSource#REALISED]) for the
/// rest of the rollout and ignores the configured weight.
final class AllocationWatch {

  private double rho;
  private long canary;
  private long baseline;
  private double peakLogE;
  private double expectedSinceLastCanary;
  private SplitSource split = SplitSource.KNOWN;

  AllocationWatch() {}

  AllocationWatch(State state) {
    rho = state.rho();
    canary = state.canary();
    baseline = state.baseline();
    peakLogE = state.peakLogE();
    expectedSinceLastCanary = state.expectedSinceLastCanary();
    split = state.split();
  }

  /// The persistent state.
  record State(
      double rho,
      long canary,
      long baseline,
      double peakLogE,
      double expectedSinceLastCanary,
      SplitSource split) {}

  State state() {
    return new State(rho, canary, baseline, peakLogE, expectedSinceLastCanary, split);
  }

  SplitSource split() {
    return split;
  }

  /// Clears the alarm: a user acknowledged it and resumed the rollout.
  void beginStep() {
    if (split == SplitSource.REALISED) {
      restart(rho);
    }
  }

  void count(Cohort cohort) {
    if (!cohort.hasWeight(rho)) {
      restart(cohort.rho());
    }
    long all = cohort.observations().size();
    long toCanary =
        cohort.observations().stream()
            .filter(observation -> observation.arm() == Arm.CANARY)
            .count();
    canary += toCanary;
    baseline += all - toCanary;
    if (split == SplitSource.KNOWN) {
      peakLogE = Math.max(peakLogE, logE());
      split = peakLogE >= SampleRatioMismatch.THRESHOLD ? SplitSource.REALISED : SplitSource.KNOWN;
    }
    expectedSinceLastCanary = toCanary > 0 ? 0 : expectedSinceLastCanary + all * rho;
  }

  private void restart(double newRho) {
    rho = newRho;
    canary = 0;
    baseline = 0;
    peakLogE = 0;
    expectedSinceLastCanary = 0;
  }

  private double logE() {
    return canary + baseline == 0 ? 0 : SampleRatioMismatch.logE(canary, baseline, rho);
  }

  AnalysisEvidence.Allocation evidence() {
    return new AnalysisEvidence.Allocation(
        canary,
        baseline,
        logE(),
        peakLogE,
        SampleRatioMismatch.THRESHOLD,
        expectedSinceLastCanary,
        split);
  }
}
