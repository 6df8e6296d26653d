// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import java.util.regex.Pattern;

/// Converts untrusted text, such as an engine's output, to one short printable line that is safe
/// for terminals.
public final class OneLine {
  /// Terminal escape sequences (ECMA-48).
  private static final Pattern ESCAPES = Pattern.compile("\u001b\\[[0-9;:?]*[ -/]*[@-~]");

  /// Control characters, invisible format characters (which can reverse text), lone surrogates,
  /// separators.
  private static final Pattern UNPRINTABLE =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+");

  private OneLine() {}

  /// @param max maximum length in UTF-16 units, 1 or more; longer text is truncated at its end with
  ///   `…`
  public static String of(String text, int max) {
    String line = clean(text);
    if (line.length() <= max) {
      return line;
    }
    boolean half = Character.isHighSurrogate(line.charAt(max - 1));
    return line.substring(0, half ? max - 1 : max) + "…";
  }

  /// As [#of], but truncates the beginning: the end of an output is the most important part.
  public static String endOf(String text, int max) {
    String line = clean(text);
    if (line.length() <= max) {
      return line;
    }
    int from = line.length() - max;
    return "…" + line.substring(Character.isLowSurrogate(line.charAt(from)) ? from + 1 : from);
  }

  private static String clean(String text) {
    String plain = ESCAPES.matcher(text).replaceAll("");
    return UNPRINTABLE.matcher(plain).replaceAll(" ").strip();
  }
}
