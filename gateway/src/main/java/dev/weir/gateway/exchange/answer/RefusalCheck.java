// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

import java.util.List;
import java.util.Locale;

/// Detects a refusal from how an answer begins. The list is deliberately short: it misses the same
/// refusals in both versions, and an answer that only mentions such phrases is not a refusal.
final class RefusalCheck {
  private static final List<String> OPENINGS =
      List.of(
          "i'm sorry, but i can't",
          "i'm sorry, but i cannot",
          "i am sorry, but i can't",
          "i am sorry, but i cannot",
          "sorry, but i can't",
          "sorry, i can't",
          "i can't help with",
          "i cannot help with",
          "i can't assist with",
          "i cannot assist with",
          "i can't fulfill",
          "i cannot fulfill",
          "i can't comply",
          "i cannot comply",
          "i'm unable to help",
          "i'm unable to assist",
          "i am unable to help",
          "i am unable to assist",
          "i must decline",
          "as an ai language model, i cannot",
          "as an ai language model, i can't");
  private static final int MAX_LENGTH =
      OPENINGS.stream().mapToInt(String::length).max().orElseThrow();

  private final StringBuilder opening = new StringBuilder(MAX_LENGTH);

  void feed(String piece) {
    for (int i = 0; i < piece.length() && opening.length() < MAX_LENGTH; i++) {
      char c = piece.charAt(i);
      if (!opening.isEmpty() || Character.isLetter(c)) {
        opening.append(c == '\u2019' ? '\'' : c);
      }
    }
  }

  boolean refuses() {
    String lowerCase = opening.toString().toLowerCase(Locale.ROOT);
    return OPENINGS.stream().anyMatch(lowerCase::startsWith);
  }
}
