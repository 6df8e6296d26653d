// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

/// The dispersion divisor of a slice. It is valid if it is at least 1 and fixed before the slice,
/// as the weight is.
@FunctionalInterface
public interface DispersionDivisor {
  /// @param quantile the index in [ComparedQuantiles#harm()]
  /// @param rho the canary weight of the slice
  double at(int quantile, double rho);

  /// The divisor of evidence for harm, at least [#at]: a false revert costs a release, while safety
  /// has a margin for noise.
  default double ofHarm(int quantile, double rho) {
    return at(quantile, rho);
  }

  /// The divisor of evidence for a difference that noise between replicas cannot explain.
  default double ofLargeHarm(double rho) {
    return 1;
  }

  /// Whether the canary's constant shift exceeds the noise, however uncertain that is, by a factor
  /// of 3. Then noise does not explain the shift.
  default boolean outweighed() {
    return false;
  }

  /// Whether the noise is too large, or not known well enough, for a revert by a small difference.
  default boolean uncertain() {
    return false;
  }

  /// A constant divisor.
  static DispersionDivisor fixed(double phi) {
    if (!(phi >= 1)) {
      throw new IllegalArgumentException("phi must be at least 1 but is " + phi);
    }
    return (quantile, rho) -> phi;
  }
}
