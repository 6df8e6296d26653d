// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

import java.io.PrintWriter;
import java.util.List;

/// A block of lines on a terminal that is drawn again in the same place.
///
/// The terminal truncates lines that are too long while the block is drawn, because a wrapped line
/// would move the block.
public final class LiveScreen {
  private static final String NO_WRAP = "\u001b[?7l";
  private static final String WRAP = "\u001b[?7h";
  private static final String ERASE_BELOW = "\u001b[J";

  /// A block that is higher than the terminal cannot be drawn in the same place.
  private static final int MOST_LINES = 23;

  private final PrintWriter out;
  private String shown = "";
  private int height;

  public LiveScreen(PrintWriter out) {
    this.out = out;
  }

  /// Replaces the block. An equal block is not drawn again.
  ///
  /// @param text lines, each with a line break; at most 23 are shown
  public void show(String text) {
    if (text.equals(shown)) {
      return;
    }
    shown = text;
    List<String> lines = text.lines().limit(MOST_LINES).toList();
    StringBuilder block = new StringBuilder(NO_WRAP);
    if (height > 0) {
      block.append("\u001b[").append(height).append("A\r");
    }
    block.append(ERASE_BELOW);
    lines.forEach(line -> block.append(line).append('\n'));
    out.print(block.append(WRAP));
    out.flush();
    height = lines.size();
  }
}
