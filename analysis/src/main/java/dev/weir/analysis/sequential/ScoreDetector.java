// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.Arrays;

/// One-sided test on a graded badness in [0, 1], for instance `1 - quality`.
public final class ScoreDetector {

  private final Side side;
  private final double delta;
  private final EProcess process = new EProcess();
  private final Ewma centre;

  public ScoreDetector(Side side, double prior, double delta) {
    if (!(delta >= 0 && delta < .5)) {
      throw new IllegalArgumentException("delta must be in [0, 0.5) but is " + delta);
    }
    this.side = side;
    this.delta = delta;
    this.centre = new Ewma(prior);
  }

  /// Consumes a slice; the order of requests inside it does not matter.
  ///
  /// @return natural log of the e-value
  public double slice(double[] canary, double[] baseline, double rho) {
    Payoff payoff = new Payoff(side, rho, centre.value(), delta);
    EProcess.requireBadness(canary);
    EProcess.requireBadness(baseline);
    process.beginSlice();
    process.bet(payoff, canary, baseline);
    centre.add(Arrays.stream(baseline).sum(), baseline.length);
    return process.logE();
  }

  public double logE() {
    return process.logE();
  }
}
