// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import java.util.OptionalLong;

/// Token counts for display. An engine without usage leaves counts unknown, and unknown must not
/// look like 0. Every prompt has at least one token, so a prompt count of 0 means unknown; then an
/// output count of 0 means unknown too.
record TokenCounts(OptionalLong prompt, OptionalLong output) {
  /// Represents an unknown count where a number is required.
  static final long UNKNOWN = -1;

  /// @param prompt 0 if the engine did not count
  /// @param output 0 also if the engine did not count and there was no output
  static TokenCounts of(long prompt, long output) {
    return new TokenCounts(known(prompt, prompt > 0), known(output, prompt > 0 || output > 0));
  }

  private static OptionalLong known(long count, boolean known) {
    return known ? OptionalLong.of(count) : OptionalLong.empty();
  }
}
