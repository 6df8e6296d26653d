// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.List;

/// The constraints of a request that a replica which continues its answer must respect.
///
/// @param includeUsage a last chunk with usage was asked for
/// @param continuousUsage every chunk says the usage so far
/// @param maxTokens limit on output tokens, -1 for none
/// @param limitNamed whether the request says so itself, or leaves it to the engine
/// @param stops strings that end the answer, none of them empty
/// @param stopShown the stop string itself is part of the answer
public record ResumeConstraints(
    boolean includeUsage,
    boolean continuousUsage,
    long maxTokens,
    boolean limitNamed,
    List<String> stops,
    boolean stopShown) {
  /// Nothing is asked.
  public static final ResumeConstraints NONE =
      new ResumeConstraints(false, false, -1, false, List.of(), false);

  public ResumeConstraints {
    stops = List.copyOf(stops);
  }

  /// The same under a limit that the request does not name.
  public ResumeConstraints withDefault(long limit) {
    return new ResumeConstraints(includeUsage, continuousUsage, limit, false, stops, stopShown);
  }

  /// Characters that an engine may keep to itself because they could become a stop string: one less
  /// than the longest has; 0 without stop strings.
  public int longestStart() {
    return stops.stream().mapToInt(String::length).max().orElse(1) - 1;
  }
}
