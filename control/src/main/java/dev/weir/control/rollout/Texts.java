// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// Numbers as people read them.
final class Texts {
  private Texts() {}

  /// At most two decimals, none that say nothing: `25`, `0.5`.
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    BigDecimal rounded = BigDecimal.valueOf(value).setScale(2, RoundingMode.HALF_UP);
    return (rounded.signum() == 0 ? BigDecimal.ZERO : rounded.stripTrailingZeros())
        .toPlainString();
  }
}
