// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Formats numbers in sentences.
final class Words {
  private Words() {}

  /// A part of a whole: `8 of 37 (21.6 %)`; without percentage if it is none of them.
  static String part(long part, long whole) {
    return "%d of %d%s".formatted(part, whole, inPercent(part, whole));
  }

  /// ` (21.6 %)`, or an empty text for none.
  static String inPercent(long part, long whole) {
    return part == 0 || whole == 0 ? "" : " (" + percent(100.0 * part / whole) + ")";
  }

  /// One decimal; below 0.1 % one significant digit.
  static String percent(double percent) {
    BigDecimal exact = BigDecimal.valueOf(percent);
    BigDecimal rounded =
        percent > 0 && percent < .1
            ? exact.round(new MathContext(1, RoundingMode.HALF_UP))
            : exact.setScale(1, RoundingMode.HALF_UP);
    return plain(rounded) + " %";
  }

  /// Two significant digits at least: `340`, `4.8`, `0.06`.
  static String number(double value) {
    BigDecimal exact = BigDecimal.valueOf(value);
    return plain(
        value >= 10
            ? exact.setScale(0, RoundingMode.HALF_UP)
            : exact.round(new MathContext(2, RoundingMode.HALF_UP)));
  }

  private static String plain(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }

  /// Seconds as `340 ms` or `1.2 s`.
  static String seconds(double seconds) {
    return seconds < 1 ? number(seconds * 1000) + " ms" : number(seconds) + " s";
  }

  /// `about 7 minutes`.
  static String about(Duration duration) {
    double minutes = duration.toSeconds() / 60.0;
    if (minutes < 1.5) {
      return "about a minute";
    }
    if (minutes < 90) {
      return "about " + Math.round(minutes) + " minutes";
    }
    return minutes < 48 * 60
        ? "about " + Math.round(minutes / 60) + " hours"
        : "about " + Math.round(minutes / (60 * 24)) + " days";
  }

  /// `24 h`, `30 min`, `45 s`.
  static String span(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds % 3600 == 0 && seconds > 0) {
      return seconds / 3600 + " h";
    }
    return seconds % 60 == 0 && seconds > 0 ? seconds / 60 + " min" : seconds + " s";
  }

  /// To the second, in UTC.
  static String time(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /// A text that ends with a full stop.
  static String sentence(String text) {
    String trimmed = text.strip();
    return trimmed.endsWith(".") || trimmed.isEmpty() ? trimmed : trimmed + ".";
  }

  /// A text that starts with a capital letter, except for names such as `chat@2`.
  static String capital(String text) {
    int word = text.indexOf(' ');
    boolean name = text.substring(0, Math.max(0, word)).contains("@");
    return text.isEmpty() || name
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  /// Sentences, separated by spaces; empty ones are omitted.
  static String paragraph(List<String> sentences) {
    return sentences.stream()
        .filter(text -> !text.isBlank())
        .map(Words::sentence)
        .collect(Collectors.joining(" "));
  }
}
