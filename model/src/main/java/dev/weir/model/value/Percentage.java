// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

import java.math.BigDecimal;

/// A share, written `25%` or `0.5%`.
///
/// @param percent 0 or more; most fields also require at most 100
public record Percentage(BigDecimal percent) implements Comparable<Percentage> {
  public Percentage {
    percent = percent.signum() == 0 ? BigDecimal.ZERO : percent.stripTrailingZeros();
    if (percent.signum() < 0) {
      throw new IllegalArgumentException("a percentage must be 0% or more: " + percent + "%");
    }
  }

  public static Percentage of(double percent) {
    return new Percentage(BigDecimal.valueOf(percent));
  }

  /// As a fraction of one: 25 % is 0.25.
  public double fraction() {
    return percent.movePointLeft(2).doubleValue();
  }

  @Override
  public int compareTo(Percentage other) {
    return percent.compareTo(other.percent);
  }

  @Override
  public String toString() {
    return percent.toPlainString() + "%";
  }
}
