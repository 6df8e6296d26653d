// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

import java.util.List;

/// The constraints of a request that a continuation of its answer must respect.
///
/// @param includeUsage whether a final chunk with usage was requested
/// @param continuousUsage whether every chunk reports the usage so far
/// @param maxTokens limit on output tokens, -1 for none
/// @param limitNamed whether the request sets the limit itself; otherwise it is the engine's
///   default
/// @param stops strings that end the answer, none of them empty
/// @param stopShown whether the stop string is part of the answer
public record ResumeConstraints(
    boolean includeUsage,
    boolean continuousUsage,
    long maxTokens,
    boolean limitNamed,
    List<String> stops,
    boolean stopShown) {
  /// No constraints.
  public static final ResumeConstraints NONE =
      new ResumeConstraints(false, false, -1, false, List.of(), false);

  public ResumeConstraints {
    stops = List.copyOf(stops);
  }

  /// Same constraints with the engine's default limit.
  public ResumeConstraints withDefault(long limit) {
    return new ResumeConstraints(includeUsage, continuousUsage, limit, false, stops, stopShown);
  }

  /// Number of characters that an engine may hold back because they could start a stop string: the
  /// length of the longest minus one; 0 without stop strings.
  public int longestStart() {
    return stops.stream().mapToInt(String::length).max().orElse(1) - 1;
  }
}
