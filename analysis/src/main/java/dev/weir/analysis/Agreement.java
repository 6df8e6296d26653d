// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import java.util.OptionalDouble;

/// How far the two answers to mirrored requests agreed. For people: it gates nothing, for two runs
/// of one version do not agree fully either above temperature 0.
///
/// @param pairs of whole answers that were compared
/// @param similarity sum of their similarities, each in [0, 1]
/// @param greedy those of `pairs` that asked for temperature 0
/// @param identical those of `greedy` whose answers were the same, character by character
public record Agreement(long pairs, double similarity, long greedy, long identical) {
  /// Nothing was compared.
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

  /// Mean similarity of the two answers; empty without a pair.
  public OptionalDouble mean() {
    return pairs == 0 ? OptionalDouble.empty() : OptionalDouble.of(similarity / pairs);
  }

  /// Share of identical answers where temperature 0 was asked for; empty where nobody did.
  public OptionalDouble identicalShare() {
    return greedy == 0 ? OptionalDouble.empty() : OptionalDouble.of(identical / (double) greedy);
  }
}
