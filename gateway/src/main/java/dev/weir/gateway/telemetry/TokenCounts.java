// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import java.util.OptionalLong;

/// Tokens as they are shown. An engine that reports no usage leaves counts unknown, and what is
/// unknown must not look like 0. Every prompt has a token, so a count of 0 for it means that nobody
/// counted; then a 0 for the output means the same.
record TokenCounts(OptionalLong prompt, OptionalLong output) {
  /// In numbers that must be there: what is unknown.
  static final long UNKNOWN = -1;

  /// @param prompt 0 when the engine did not count
  /// @param output 0 also when the engine did not count and nothing came
  static TokenCounts of(long prompt, long output) {
    return new TokenCounts(known(prompt, prompt > 0), known(output, prompt > 0 || output > 0));
  }

  private static OptionalLong known(long count, boolean known) {
    return known ? OptionalLong.of(count) : OptionalLong.empty();
  }
}
