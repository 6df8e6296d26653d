// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import java.util.regex.Pattern;

/// Foreign text, such as an engine's output, as one short printable line that harms no terminal.
public final class OneLine {
  /// Colours and cursor movements as terminals know them (ECMA-48).
  private static final Pattern ESCAPES = Pattern.compile("\u001b\\[[0-9;:?]*[ -/]*[@-~]");

  /// Controls, invisible formats (which can turn text around), halves of characters, separators.
  private static final Pattern UNPRINTABLE =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+");

  private OneLine() {}

  /// @param most UTF-16 units of the result, 1 or more; what is over is cut off at its end and
  ///   shown as `…`
  public static String of(String text, int most) {
    String line = clean(text);
    if (line.length() <= most) {
      return line;
    }
    boolean half = Character.isHighSurrogate(line.charAt(most - 1));
    return line.substring(0, half ? most - 1 : most) + "…";
  }

  /// As [#of], cut off at its beginning: of last words the last matter most.
  public static String endOf(String text, int most) {
    String line = clean(text);
    if (line.length() <= most) {
      return line;
    }
    int from = line.length() - most;
    return "…" + line.substring(Character.isLowSurrogate(line.charAt(from)) ? from + 1 : from);
  }

  private static String clean(String text) {
    String plain = ESCAPES.matcher(text).replaceAll("");
    return UNPRINTABLE.matcher(plain).replaceAll(" ").strip();
  }
}
