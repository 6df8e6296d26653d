// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import java.util.OptionalDouble;

/// How far the two responses to mirrored requests agree. Informational only: even two runs of one
/// version differ above temperature 0.
///
/// @param pairs number of complete response pairs compared
/// @param similarity sum of the similarities, each in [0, 1]
/// @param greedy pairs of requests with temperature 0
/// @param identical pairs among `greedy` with identical responses, character by character
public record Agreement(long pairs, double similarity, long greedy, long identical) {
  /// No comparison yet.
  public static final Agreement NONE = new Agreement(0, 0, 0, 0);

  public Agreement {
    if (pairs < 0
        || !(similarity >= 0 && similarity <= pairs)
        || identical < 0
        || greedy < identical
        || pairs < greedy) {
      throw new IllegalArgumentException(
          "an agreement needs 0 <= identical <= greedy <= pairs and a sum of similarities in [0, pairs] but has %d, %d, %d and %s"
              .formatted(identical, greedy, pairs, similarity));
    }
  }

  public Agreement plus(Agreement more) {
    return new Agreement(
        pairs + more.pairs,
        similarity + more.similarity,
        greedy + more.greedy,
        identical + more.identical);
  }

  /// Mean similarity of the two responses; empty without a pair.
  public OptionalDouble mean() {
    return pairs == 0 ? OptionalDouble.empty() : OptionalDouble.of(similarity / pairs);
  }

  /// Share of identical responses at temperature 0; empty without such requests.
  public OptionalDouble identicalShare() {
    return greedy == 0 ? OptionalDouble.empty() : OptionalDouble.of(identical / (double) greedy);
  }
}
