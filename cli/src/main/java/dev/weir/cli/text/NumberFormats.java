// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/// Formats numbers and times for human readers.
public final class NumberFormats {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private NumberFormats() {}

  /// At most two decimals, without trailing zeros: `25`, `0.5`.
  public static String number(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    BigDecimal rounded = BigDecimal.valueOf(value).setScale(2, RoundingMode.HALF_UP);
    return (rounded.signum() == 0 ? BigDecimal.ZERO : rounded.stripTrailingZeros()).toPlainString();
  }

  /// `0.25` as `25%`.
  public static String percent(double fraction) {
    return number(fraction * 100) + "%";
  }

  /// Always one decimal, because readers compare evidence down a column.
  public static String evidence(double logE) {
    return String.format(Locale.ROOT, "%.1f", logE);
  }

  /// Seconds as `812ms` or `1.25s`.
  public static String seconds(double seconds) {
    return seconds < 1 ? number(seconds * 1000) + "ms" : number(seconds) + "s";
  }

  /// In UTC, to the second.
  public static String time(Instant at) {
    return TIME.format(at);
  }

  /// The time since an instant in at most two units: `12s`, `3m10s`, `2h5m`, `4d`.
  public static String age(Instant since, Instant now) {
    return span(Duration.between(since, now));
  }

  /// The time since an instant; empty if there is none.
  public static String age(Optional<Instant> since, Instant now) {
    return since.map(at -> age(at, now)).orElse("");
  }

  /// A duration in at most two units.
  public static String span(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return two(seconds / 60, "m", seconds % 60, "s");
    }
    return seconds < 86_400
        ? two(seconds / 3600, "h", seconds % 3600 / 60, "m")
        : two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h");
  }

  private static String two(long large, String unit, long small, String smallUnit) {
    return large + unit + (small == 0 ? "" : small + smallUnit);
  }
}
