// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/// Suggests corrections of misspelled names.
public final class Suggestions {
  private Suggestions() {}

  /// The known name with the smallest edit distance to `word`, if it is small enough for a typo.
  public static Optional<String> to(String word, Collection<String> known) {
    if (word.length() > 64) {
      return Optional.empty();
    }
    int allowed = Math.max(1, word.length() / 3);
    String best = "";
    int bestDistance = allowed + 1;
    for (String candidate : known) {
      int distance = distance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best.isEmpty() ? Optional.empty() : Optional.of(best);
  }

  /// "; did you mean X?", or an empty text.
  public static String hint(String word, Collection<String> known) {
    return to(word, known).map(near -> "; did you mean `" + near + "`?").orElse("");
  }

  /// Optimal string alignment distance: insertions, deletions, substitutions and swapped
  /// neighbours.
  private static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        cost[i][j] = Math.min(i, j) == 0 ? Math.max(i, j) : step(cost, a, b, i, j);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int step(int[][] cost, String a, String b, int i, int j) {
    int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    int least = Math.min(cost[i - 1][j - 1] + change, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(least, cost[i - 2][j - 2] + 1) : least;
  }
}
