// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

/// Evidence that a router's split differs from its weight: a beta-binomial mixture against
/// Bernoulli(rho), valid at every look (Lindon & Malek, NeurIPS 2022, two categories).
public final class SampleRatioMismatch {

  /// `log(1000)`: a false alarm in at most one of a thousand rollout steps.
  public static final double THRESHOLD = Math.log(1000);

  private static final double CONCENTRATION = 100;
  private static final double STIRLING_FROM = 15;
  private static final double HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

  private SampleRatioMismatch() {}

  /// Natural log of the e-value of the counts; 0 without requests.
  public static double logE(long canary, long baseline, double rho) {
    if (canary < 0 || baseline < 0 || !(rho > 0 && rho < 1)) {
      throw new IllegalArgumentException(
          "counts must not be negative and rho in (0, 1) but they are %d, %d, %s"
              .formatted(canary, baseline, rho));
    }
    double a = CONCENTRATION * rho;
    double b = CONCENTRATION * (1 - rho);
    return logBeta(a + canary, b + baseline)
        - logBeta(a, b)
        - canary * Math.log(rho)
        - baseline * Math.log1p(-rho);
  }

  private static double logBeta(double x, double y) {
    return logGamma(x) + logGamma(y) - logGamma(x + y);
  }

  /// Log of the gamma function for x > 0: Stirling's series (Abramowitz & Stegun 6.1.41) from 15
  /// upwards, where its first omitted term is below 1e-13, and `gamma(x) = gamma(x + 1)/x` below.
  static double logGamma(double x) {
    double shifted = x;
    double product = 1;
    while (shifted < STIRLING_FROM) {
      product *= shifted;
      shifted++;
    }
    double inverse = 1 / shifted;
    double square = inverse * inverse;
    double series =
        inverse
            * (1.0 / 12
                - square
                    * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square / 1188))));
    return (shifted - 0.5) * Math.log(shifted)
        - shifted
        + HALF_LOG_TWO_PI
        + series
        - Math.log(product);
  }
}
