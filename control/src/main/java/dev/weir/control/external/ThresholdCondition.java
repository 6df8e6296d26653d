// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

import java.util.function.DoublePredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A condition on a value, such as `< 0.05`.
record ThresholdCondition(String text, DoublePredicate holds) {
  private static final Pattern FORM = Pattern.compile("(<=|>=|==|!=|<|>)\\s*(\\S+)");

  /// @throws IllegalArgumentException if the text is not an operator and a number
  static ThresholdCondition parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw new IllegalArgumentException("not an operator and a number: " + text);
    }
    double bound = Double.parseDouble(form.group(2));
    return new ThresholdCondition(
        text.strip(),
        switch (form.group(1)) {
          case "<" -> value -> value < bound;
          case "<=" -> value -> value <= bound;
          case ">" -> value -> value > bound;
          case ">=" -> value -> value >= bound;
          case "==" -> value -> value == bound;
          default -> value -> value != bound;
        });
  }

  Measurement judge(double value) {
    return holds.test(value) ? new Measurement.Passed(value) : new Measurement.Failed(value);
  }
}
