// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import java.util.Set;

/// Finish reasons that mean the answer reached its token limit.
final class LengthLimitReasons {
  private static final Set<String> REASONS =
      Set.of("length", "max_tokens", "max_output_tokens", "model_context_window_exceeded");

  private LengthLimitReasons() {}

  /// For example `length` of OpenAI's APIs and `max_tokens` of Anthropic's.
  static boolean isOne(String reason) {
    return REASONS.contains(reason);
  }
}
