// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

/// Exact upper confidence limits of a probability (Clopper and Pearson).
public final class ClopperPearson {
  private static final int HALVINGS = 60;

  private ClopperPearson() {}

  /// The one-sided 95 % upper limit of a probability.
  ///
  /// @param seen number of events, 0 to `runs`
  /// @param runs number of trials, above 0
  /// @return in [0, 1]
  public static double upper95(long seen, int runs) {
    double low = 0;
    double high = 1;
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (atMost(seen, runs, middle) > .05) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  // P(X <= k) for X binomial (n, p), with terms computed in logs.
  private static double atMost(long k, int n, double p) {
    if (k >= n) {
      return 1;
    }
    double logTerm = n * Math.log1p(-p);
    double sum = Math.exp(logTerm);
    for (long i = 1; i <= k; i++) {
      logTerm += Math.log((n - i + 1.0) / i) + Math.log(p) - Math.log1p(-p);
      sum += Math.exp(logTerm);
    }
    return sum;
  }
}
