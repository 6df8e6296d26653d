// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

/// Detects whether text fed in pieces ends in a loop: the same sequence of up to 64 words at least
/// five times in a row, with at least 40 words in all. Stores hashes of the last 64 words and, per
/// sequence length, how many consecutive words equal the word one sequence earlier.
///
/// A word ends at white space or after 16 characters; an ideograph is a word of its own.
final class LoopCheck {
  private static final int MAX_PERIOD = 64;
  private static final int MAX_WORD = 16;
  private static final int REPETITIONS = 4;
  private static final int MIN_WORDS = 32;

  private final int[] words = new int[MAX_PERIOD];
  private final int[] repeated = new int[MAX_PERIOD + 1];
  private long count;
  private int hash;
  private int length;

  void feed(String piece) {
    for (int i = 0; i < piece.length(); i++) {
      char c = piece.charAt(i);
      if (Character.isWhitespace(c)) {
        endWord();
      } else if (Character.isIdeographic(c)) {
        endWord();
        add(c);
        endWord();
      } else {
        add(c);
      }
    }
  }

  /// Whether the last words repeat one sequence.
  boolean looping() {
    for (int period = 1; period <= MAX_PERIOD; period++) {
      if (repeated[period] >= Math.max(REPETITIONS * period, MIN_WORDS)) {
        return true;
      }
    }
    return false;
  }

  private void add(char c) {
    hash = hash * 31 + c;
    length++;
    if (length == MAX_WORD) {
      endWord();
    }
  }

  private void endWord() {
    if (length == 0) {
      return;
    }
    for (int period = 1; period <= Math.min(MAX_PERIOD, count); period++) {
      boolean same = words[(int) ((count - period) % MAX_PERIOD)] == hash;
      repeated[period] = same ? repeated[period] + 1 : 0;
    }
    words[(int) (count % MAX_PERIOD)] = hash;
    count++;
    hash = 0;
    length = 0;
  }
}
