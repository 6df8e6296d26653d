// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

/// Makes untrusted text safe to print: control characters could move the cursor or change the
/// window title.
public final class TerminalSanitizer {
  private TerminalSanitizer() {}

  /// One line: line breaks and tabs become spaces, other control characters become `?`.
  public static String line(String text) {
    return replaced(text.strip(), ' ');
  }

  /// Several lines: line breaks stay, other control characters become `?`.
  public static String block(String text) {
    return replaced(text, '\n');
  }

  private static String replaced(String text, char lineBreak) {
    StringBuilder clean = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        clean.append(lineBreak);
      } else if (c == '\t' || c == '\r') {
        clean.append(' ');
      } else {
        clean.append(Character.isISOControl(c) ? '?' : c);
      }
    }
    return clean.toString();
  }
}
