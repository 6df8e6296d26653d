// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.sequential.SampleRatioMismatch;

/// Watches the split itself: does the router keep to its weight, and does the canary get traffic at
/// all? Every request counts, however it ended; counting restarts when the weight changes, an alarm
/// stays until then.
final class AllocationWatch {

  private double rho;
  private long canary;
  private long baseline;
  private double peakLogE;
  private double expectedSinceLastCanary;

  AllocationWatch() {}

  AllocationWatch(State state) {
    rho = state.rho();
    canary = state.canary();
    baseline = state.baseline();
    peakLogE = state.peakLogE();
    expectedSinceLastCanary = state.expectedSinceLastCanary();
  }

  /// Everything there is to keep.
  record State(
      double rho, long canary, long baseline, double peakLogE, double expectedSinceLastCanary) {}

  State state() {
    return new State(rho, canary, baseline, peakLogE, expectedSinceLastCanary);
  }

  void count(Cohort cohort) {
    if (!cohort.hasWeight(rho)) {
      restart(cohort.rho());
    }
    long all = cohort.observations().size();
    long toCanary = cohort.observations().stream().filter(seen -> seen.arm() == Arm.CANARY).count();
    canary += toCanary;
    baseline += all - toCanary;
    peakLogE = Math.max(peakLogE, logE());
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

  Evidence.Allocation evidence() {
    return new Evidence.Allocation(
        canary, baseline, logE(), peakLogE, SampleRatioMismatch.THRESHOLD, expectedSinceLastCanary);
  }
}
