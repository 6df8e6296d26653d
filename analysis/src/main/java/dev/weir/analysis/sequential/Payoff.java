// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

/// The payoff of one request for a bet against a hypothesis, in one slice.
///
/// With badness `z`, canary probability `rho` and centre `m` an unbiased estimate of the difference
/// of means, for *any* predictable `m`, is `D = (z - m)/rho` on the canary and `D = -(z - m)/(1
/// - rho)` on the baseline. The payoff is `D - delta` against "not worse than delta" and `delta -
///   D` against "worse by delta or more". (Augmented inverse-propensity payoff, arXiv:2210.10768.)
///
/// @param side the hypothesis that the bet is against
/// @param rho probability of the canary arm, in (0, 1)
/// @param centre `m`, from baseline data of earlier slices, in [0, 1]
/// @param delta tolerance or margin
public record Payoff(Side side, double rho, double centre, double delta) {

  public Payoff {
    if (!(rho > 0 && rho < 1)) {
      throw new IllegalArgumentException("rho must be in (0, 1) but is " + rho);
    }
    if (!(centre >= 0 && centre <= 1)) {
      throw new IllegalArgumentException("centre must be in [0, 1] but is " + centre);
    }
    if (!Double.isFinite(delta)) {
      throw new IllegalArgumentException("delta must be finite but is " + delta);
    }
  }

  /// The largest possible loss: payoffs are never below `-bound()`. It is not positive if the
  /// hypothesis is impossible, and thus refuted without data.
  public double bound() {
    return switch (side) {
      case HARM -> delta + Math.max(centre / rho, (1 - centre) / (1 - rho));
      case SAFE -> Math.max((1 - centre) / rho, centre / (1 - rho)) - delta;
    };
  }

  /// The payoff of a canary request with that badness.
  public double canary(double badness) {
    return signed((badness - centre) / rho);
  }

  /// The payoff of a baseline request with that badness.
  public double baseline(double badness) {
    return signed(-(badness - centre) / (1 - rho));
  }

  private double signed(double difference) {
    return side == Side.HARM ? difference - delta : delta - difference;
  }
}
