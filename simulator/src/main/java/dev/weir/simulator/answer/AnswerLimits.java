// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

import java.util.List;

/// Where an answer must end.
///
/// @param maxTokens new tokens at most, the closing end-of-answer token included
/// @param ignoreEos go on past the natural end until `maxTokens`
/// @param stops strings that end the answer; none of them empty
/// @param includeStop whether the stop string itself is part of the text
public record AnswerLimits(
    int maxTokens, boolean ignoreEos, List<String> stops, boolean includeStop) {
  public AnswerLimits {
    stops = List.copyOf(stops);
    if (maxTokens < 0) {
      throw new IllegalArgumentException("maxTokens is " + maxTokens + ", must be 0 or more");
    }
    if (stops.contains("")) {
      throw new IllegalArgumentException("a stop string is empty");
    }
  }

  /// At most `maxTokens`, nothing else.
  public static AnswerLimits of(int maxTokens) {
    return new AnswerLimits(maxTokens, false, List.of(), false);
  }
}
