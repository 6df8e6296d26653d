// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

import java.util.List;

/// The limits of an answer.
///
/// @param maxTokens maximum number of new tokens, including the end-of-answer token
/// @param ignoreEos whether to continue past the natural end until `maxTokens`
/// @param stops strings that end the answer; not empty
/// @param includeStop whether the text includes the stop string
public record AnswerLimits(
    int maxTokens, boolean ignoreEos, List<String> stops, boolean includeStop) {
  public AnswerLimits {
    stops = List.copyOf(stops);
    if (maxTokens < 0) {
      throw new IllegalArgumentException("maxTokens is " + maxTokens + ", must be 0 or more");
    }
    if (stops.contains("")) {
      throw new IllegalArgumentException("a stop string must not be empty");
    }
  }

  /// Limits only the number of tokens.
  public static AnswerLimits of(int maxTokens) {
    return new AnswerLimits(maxTokens, false, List.of(), false);
  }
}
