// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

/// One-sided test on a rate: errors, cut streams, refusals.
public final class BernoulliDetector {

  /// The source of a slice's canary probability.
  public enum Allocation {
    /// The weight that the router actually used.
    KNOWN,
    /// The observed share `canary / (canary + baseline)`; slices with an empty arm are skipped.
    /// Valid for any router, round-robin included, given the counts.
    REALISED
  }

  private final Side side;
  private final double delta;
  private final Allocation allocation;
  private final double phi;
  private final EProcess process = new EProcess();
  private final Ewma centre;

  public BernoulliDetector(
      Side side, double prior, double delta, Allocation allocation, double phi) {
    if (!(phi >= 1 && delta >= 0 && delta < .5)) {
      throw new IllegalArgumentException(
          "a rate test needs phi >= 1 and delta in [0, 0.5) but has %s and %s"
              .formatted(phi, delta));
    }
    this.side = side;
    this.delta = delta;
    this.allocation = allocation;
    this.phi = phi;
    this.centre = new Ewma(prior);
  }

  /// Consumes a slice.
  ///
  /// @param rho the router's weight; not used under `REALISED`
  /// @return natural log of the e-value
  public double slice(SliceCounts counts, double rho) {
    boolean skipped =
        allocation == Allocation.REALISED && (counts.canary() == 0 || counts.baseline() == 0);
    if (skipped) {
      process.beginSlice();
    } else {
      Payoff payoff = new Payoff(side, used(counts, rho), centre.value(), delta);
      process.beginSlice();
      process.bet(payoff, counts, phi);
    }
    centre.add(counts);
    return process.logE();
  }

  private double used(SliceCounts counts, double rho) {
    return switch (allocation) {
      case KNOWN -> rho;
      case REALISED -> counts.canary() / (double) (counts.canary() + counts.baseline());
    };
  }

  public double logE() {
    return process.logE();
  }

  public EProcess.State state() {
    return process.state();
  }

  public double centre() {
    return centre.value();
  }
}
