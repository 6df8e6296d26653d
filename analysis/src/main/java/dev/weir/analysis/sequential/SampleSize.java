// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

/// Rough need of traffic, for a warning before a rollout begins (section 6.3 of the specification).
public final class SampleSize {

  private SampleSize() {}

  /// Requests, both arms together, after which a rate that equals the baseline's is likely proven
  /// to be within the margin.
  ///
  /// @param beta risk of a false promotion
  /// @param rate the baseline's rate
  /// @param margin absolute
  /// @param rho canary weight
  public static double requestsNeeded(double beta, double rate, double margin, double rho) {
    if (!(beta > 0 && beta < 1 && rate >= 0 && rate <= 1 && margin > 0 && rho > 0 && rho < 1)) {
      throw new IllegalArgumentException(
          "needs beta and rho in (0, 1), rate in [0, 1], margin > 0 but has %s, %s, %s, %s"
              .formatted(beta, rho, rate, margin));
    }
    double variance = rate * (1 - rate) * (1 / rho + 1 / (1 - rho));
    return 2
        * (Math.log(1 / beta) + Math.log(2.0 * EProcess.BETTORS))
        * variance
        / (margin * margin);
  }
}
