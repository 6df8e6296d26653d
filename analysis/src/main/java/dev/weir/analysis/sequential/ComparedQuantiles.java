// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.List;

/// At which of the baseline's quantiles two distributions are compared.
///
/// @param harm rising
/// @param safe some of `harm`, rising
/// @param shown the place in `harm` of the one whose counts are shown
public record ComparedQuantiles(List<Double> harm, List<Double> safe, int shown) {
  /// Of times: the tail matters.
  public static final ComparedQuantiles LATENCY =
      new ComparedQuantiles(List.of(.50, .75, .90, .95, .99), List.of(.50, .95), 3);

  /// Of lengths.
  public static final ComparedQuantiles LENGTH =
      new ComparedQuantiles(List.of(.50, .75, .90), List.of(.50, .90), 2);

  public ComparedQuantiles {
    harm = List.copyOf(harm);
    safe = List.copyOf(safe);
    if (!harm.containsAll(safe)) {
      throw new IllegalArgumentException("quantiles %s are not among %s".formatted(safe, harm));
    }
  }

  /// The place in `harm` of a quantile of `safe`.
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
