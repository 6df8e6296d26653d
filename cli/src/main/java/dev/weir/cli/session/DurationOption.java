// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

import dev.weir.model.notation.Durations;
import java.time.Duration;

/// Options whose value is a duration.
public final class DurationOption {
  private DurationOption() {}

  /// @param option named in the error message
  public static Duration of(String option, String text) {
    return Durations.parse(text)
        .filter(duration -> !duration.isNegative())
        .orElseThrow(() ->
            CliException.usage(
                option + " " + text + " is not a duration (for example 90s, 15m, 30d)"));
  }
}
