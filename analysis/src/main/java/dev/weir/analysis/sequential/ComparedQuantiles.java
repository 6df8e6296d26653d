// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.List;

/// The baseline quantiles at which two distributions are compared.
///
/// @param harm quantiles in increasing order
/// @param safe a subset of `harm`, in increasing order
/// @param shown index in `harm` of the quantile whose counts are displayed
public record ComparedQuantiles(List<Double> harm, List<Double> safe, int shown) {
  /// For latencies, where the tail matters.
  public static final ComparedQuantiles LATENCY =
      new ComparedQuantiles(List.of(.50, .75, .90, .95, .99), List.of(.50, .95), 3);

  /// For lengths.
  public static final ComparedQuantiles LENGTH =
      new ComparedQuantiles(List.of(.50, .75, .90), List.of(.50, .90), 2);

  public ComparedQuantiles {
    harm = List.copyOf(harm);
    safe = List.copyOf(safe);
    if (!harm.containsAll(safe)) {
      throw new IllegalArgumentException("quantiles %s are not among %s".formatted(safe, harm));
    }
  }

  /// The index in `harm` of a quantile of `safe`.
  int placeOfSafe(int safeIndex) {
    return harm.indexOf(safe.get(safeIndex));
  }

  double highestHarm() {
    return harm.getLast();
  }

  double highestSafe() {
    return safe.getLast();
  }
}
