// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.grade;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the grade from a judge's output. Models write more than requested: `Score: 8`, `8/10`,
/// `**8.5**`, or their reasoning. Ambiguous text is ignored, because a missing grade does no harm
/// and a wrong one does.
public final class GradeReader {
  private static final BigDecimal BEST = BigDecimal.TEN;

  /// Reasoning that the engine did not remove from the answer.
  private static final Pattern THOUGHTS =
      Pattern.compile("\\A\\s*<think(?:ing)?>.*?(?:</think(?:ing)?>|\\z)", Pattern.DOTALL);

  /// The first number that is not part of a word, with an optional maximum.
  private static final Pattern NUMBER =
      Pattern.compile(
          "(?<![\\p{L}\\d.,])([-+]?\\d++(?:[.,]\\d++)*+)(?![\\p{L}\\d])(?:\\s*/\\s*(\\d++))?");

  private GradeReader() {}

  /// @return the grade in thousandths, 1000 for the best; empty if the text has no grade from 0 to
  ///   10
  public static OptionalInt read(String text) {
    Matcher number = NUMBER.matcher(withoutThoughts(text));
    if (!number.find()) {
      return OptionalInt.empty();
    }
    String outOf = number.group(2);
    boolean ofTen = outOf == null || outOf.equals("10");
    String digits = number.group(1);
    return ofTen && digits.length() <= 8 && digits.matches("\\+?\\d+(\\.\\d+)?")
        ? thousandths(new BigDecimal(digits))
        : OptionalInt.empty();
  }

  private static String withoutThoughts(String text) {
    String rest = text;
    Matcher thoughts = THOUGHTS.matcher(rest);
    while (thoughts.find()) {
      rest = rest.substring(thoughts.end());
      thoughts = THOUGHTS.matcher(rest);
    }
    return rest;
  }

  private static OptionalInt thousandths(BigDecimal grade) {
    return grade.compareTo(BEST) > 0
        ? OptionalInt.empty()
        : OptionalInt.of(grade.movePointRight(2).setScale(0, RoundingMode.HALF_UP).intValueExact());
  }
}
