// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

/// Wraps sentences within 100 columns.
final class TextWrap {
  private static final int COLUMNS = 100;

  private TextWrap() {}

  /// Wraps at spaces, each line with the indent and a line break. Only a single long word exceeds
  /// the width.
  static String of(String sentence, String indent) {
    StringBuilder text = new StringBuilder();
    int column = 0;
    for (String word : sentence.split(" ", -1)) {
      if (column > 0 && indent.length() + column + 1 + word.length() > COLUMNS) {
        text.append('\n');
        column = 0;
      }
      text.append(column == 0 ? indent : " ").append(word);
      column += word.length() + (column == 0 ? 0 : 1);
    }
    return text.append('\n').toString();
  }
}
