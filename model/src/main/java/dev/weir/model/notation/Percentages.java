// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.notation;

import dev.weir.model.value.Percentage;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/// Percentages in text form: `25%`, `0.5%`.
public final class Percentages {
  /// No exponents: `1e999999999%` would be a gigabyte of zeros.
  private static final Pattern FORM = Pattern.compile("[0-9]{1,18}(\\.[0-9]{1,18})?%");

  private Percentages() {}

  /// Reads a percentage; empty when the text is not one.
  public static Optional<Percentage> parse(String text) {
    if (!FORM.matcher(text).matches()) {
      return Optional.empty();
    }
    return Optional.of(new Percentage(new BigDecimal(text.substring(0, text.length() - 1))));
  }
}
