// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// Splits the output of an engine into lines that are safe for a terminal.
///
/// Removes escape sequences, such as colours, and marks that change the direction of writing.
/// Replaces other control characters and bytes that are not UTF-8 by `�`. A lone carriage return (a
/// progress bar) ends a line. A long line is split.
final class LogText {
  /// The maximum length of a line in bytes.
  static final int MAX_LINE = 16 * 1024;

  private static final Pattern ESCAPES =
      Pattern.compile("\\x1b\\[[0-?]*[ -/]*[@-~]|\\x1b\\][^\\x07\\x1b]*(\\x07|\\x1b\\\\)");
  private static final Pattern CONTROLS = Pattern.compile("[\\p{Cntrl}\\x80-\\x9f&&[^\\t]]");
  private static final Pattern DIRECTIONS =
      Pattern.compile("[\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\u061c]");

  private byte[] open = new byte[0];

  /// The lines that end in these bytes, without line ends.
  List<String> lines(byte[] bytes) {
    byte[] all = Arrays.copyOf(open, open.length + bytes.length);
    System.arraycopy(bytes, 0, all, open.length, bytes.length);
    List<String> lines = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < all.length; i++) {
      boolean end = endsLine(all, i);
      if (end || i - start >= MAX_LINE) {
        lines.add(safe(all, start, i));
        start = end ? i + 1 : i;
      }
    }
    open = Arrays.copyOfRange(all, start, all.length);
    return lines;
  }

  private static boolean endsLine(byte[] all, int at) {
    boolean bareReturn = all[at] == '\r' && at + 1 < all.length && all[at + 1] != '\n';
    return all[at] == '\n' || bareReturn;
  }

  /// The text after the last line end; empty if there is none.
  List<String> rest() {
    String rest = safe(open, 0, open.length);
    open = new byte[0];
    return rest.isEmpty() ? List.of() : List.of(rest);
  }

  private static String safe(byte[] bytes, int from, int to) {
    int end = to > from && bytes[to - 1] == '\r' ? to - 1 : to;
    String text = new String(bytes, from, end - from, StandardCharsets.UTF_8);
    String plain = ESCAPES.matcher(text).replaceAll("");
    return DIRECTIONS.matcher(CONTROLS.matcher(plain).replaceAll("\ufffd")).replaceAll("");
  }
}
