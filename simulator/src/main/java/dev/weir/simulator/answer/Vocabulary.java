// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

/// The 4,096 words of a simulated model: a space, then consonant-vowel-consonant-vowel, such as `"
/// bana"`. Every word has the same length and starts with its space, so that text of words has
/// exactly one tokenization, and the tokens of a cut answer can be counted.
public final class Vocabulary {
  public static final int SIZE = 4096;

  /// Characters of one word, its leading space included.
  static final int WORD_LENGTH = 5;

  private static final String CONSONANTS = "bdfghjklmnprstvz";
  private static final String VOWELS = "aeio";

  private Vocabulary() {}

  /// The word of token `id` (0 to 4,095), leading space included.
  public static String word(int id) {
    StringBuilder out = new StringBuilder(WORD_LENGTH);
    append(id, out);
    return out.toString();
  }

  /// Appends the word of token `id` to `out`.
  public static void append(int id, StringBuilder out) {
    out.append(' ')
        .append(CONSONANTS.charAt((id >> 8) & 15))
        .append(VOWELS.charAt((id >> 6) & 3))
        .append(CONSONANTS.charAt((id >> 2) & 15))
        .append(VOWELS.charAt(id & 3));
  }

  /// The id of the word at offset `at`, or -1. The word must be followed by the end of the text or
  /// by a character that is neither a letter nor a digit.
  static int idAt(String text, int at) {
    if (at + WORD_LENGTH > text.length() || text.charAt(at) != ' ') {
      return -1;
    }
    int first = CONSONANTS.indexOf(text.charAt(at + 1));
    int second = VOWELS.indexOf(text.charAt(at + 2));
    int third = CONSONANTS.indexOf(text.charAt(at + 3));
    int fourth = VOWELS.indexOf(text.charAt(at + 4));
    boolean word = (first | second | third | fourth) >= 0 && endsAt(text, at + WORD_LENGTH);
    return word ? (first << 8) | (second << 6) | (third << 2) | fourth : -1;
  }

  private static boolean endsAt(String text, int end) {
    return end == text.length() || !Character.isLetterOrDigit(text.charAt(end));
  }
}
