// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// Whether text that comes in pieces ends in a loop: the same sequence of up to 64 words said at
/// least five times on end, 40 words or more in all. Of the text, hashes of the last 64 words are
/// kept, and per length of a sequence how many words in a row are those said one sequence before.
///
/// A word ends at white space; without any it ends after 16 characters, and an ideograph is a word
/// of its own.
final class LoopCheck {
  private static final int LONGEST = 64;
  private static final int LONGEST_WORD = 16;
  private static final int AGAIN = 4;
  private static final int FEWEST_WORDS = 32;

  private final int[] words = new int[LONGEST];
  private final int[] repeated = new int[LONGEST + 1];
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

  /// Whether the last words are one sequence over and over.
  boolean looping() {
    for (int period = 1; period <= LONGEST; period++) {
      if (repeated[period] >= Math.max(AGAIN * period, FEWEST_WORDS)) {
        return true;
      }
    }
    return false;
  }

  private void add(char c) {
    hash = hash * 31 + c;
    length++;
    if (length == LONGEST_WORD) {
      endWord();
    }
  }

  private void endWord() {
    if (length == 0) {
      return;
    }
    for (int period = 1; period <= Math.min(LONGEST, count); period++) {
      boolean same = words[(int) ((count - period) % LONGEST)] == hash;
      repeated[period] = same ? repeated[period] + 1 : 0;
    }
    words[(int) (count % LONGEST)] = hash;
    count++;
    hash = 0;
    length = 0;
  }
}
