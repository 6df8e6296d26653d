// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import java.util.Set;

/// The reasons for an answer's end that mean that it had as many tokens as it may have.
final class LengthLimitReasons {
  private static final Set<String> REASONS =
      Set.of("length", "max_tokens", "max_output_tokens", "model_context_window_exceeded");

  private LengthLimitReasons() {}

  /// `length` of OpenAI's APIs, `max_tokens` of Anthropic's.
  static boolean isOne(String reason) {
    return REASONS.contains(reason);
  }
}
