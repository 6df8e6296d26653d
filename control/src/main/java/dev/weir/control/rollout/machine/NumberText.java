// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout.machine;

import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.model.notation.Durations;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// Formats numbers for messages.
public final class NumberText {
  private NumberText() {}

  /// At most two decimals, without trailing zeros: `25`, `0.5`.
  public static String number(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    BigDecimal rounded = BigDecimal.valueOf(value).setScale(2, RoundingMode.HALF_UP);
    return (rounded.signum() == 0 ? BigDecimal.ZERO : rounded.stripTrailingZeros()).toPlainString();
  }

  /// Joins with commas.
  public static String join(List<?> parts) {
    return String.join(", ", parts.stream().map(Object::toString).toList());
  }

  /// To the second, in UTC: `2026-11-30T15:02:41Z`.
  static String time(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /// `24h`, `1h30m`.
  static String span(Duration duration) {
    return Durations.print(duration);
  }

  static List<String> names(List<ReleaseMetric> metrics) {
    return metrics.stream().map(ReleaseMetric::manifestName).toList();
  }
}
