// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

/// A rough estimate of the required traffic, for a warning before a rollout starts (section 6.3 of
/// the specification).
public final class SampleSize {

  private SampleSize() {}

  /// The number of requests, both arms together, after which a rate equal to the baseline's is
  /// likely proven within the margin.
  ///
  /// @param beta risk of a false promotion
  /// @param rate the baseline's rate
  /// @param margin absolute
  /// @param rho canary weight
  public static double requestsNeeded(double beta, double rate, double margin, double rho) {
    return requestsNeeded(beta, rate, rate, margin, rho);
  }

  /// The same if the arms are evaluated differently.
  ///
  /// @param canaryRate the evaluated rate of a canary that equals its baseline
  /// @param baselineRate the evaluated rate of the baseline
  public static double requestsNeeded(
      double beta, double canaryRate, double baselineRate, double margin, double rho) {
    requireRate(canaryRate);
    requireRate(baselineRate);
    if (!(beta > 0 && beta < 1 && margin > 0 && rho > 0 && rho < 1)) {
      throw new IllegalArgumentException(
          "needs beta and rho in (0, 1), margin > 0 but has %s, %s, %s"
              .formatted(beta, rho, margin));
    }
    double variance =
        canaryRate * (1 - canaryRate) / rho + baselineRate * (1 - baselineRate) / (1 - rho);
    double evidence = Math.log(1 / beta) + Math.log(2.0 * EProcess.BETTORS);
    // Even without failures, each canary request adds only limited evidence.
    return Math.max(
        2 * evidence * variance / (margin * margin), Math.log(1 / beta) / (margin * rho));
  }

  private static void requireRate(double rate) {
    if (!(rate >= 0 && rate <= 1)) {
      throw new IllegalArgumentException("a rate is in [0, 1] but is " + rate);
    }
  }
}
