// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.vocabulary;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Splits files into lines of prose and names.
final class SourceText {
  private static final Pattern INLINE_CODE = Pattern.compile("`[^`]*`");
  private static final String FENCE = "```";

  private SourceText() {}

  /// @param name of the file; its end decides how the text is read
  static List<SourceLine> lines(String name, String text) {
    if (name.endsWith(".java")) {
      return new JavaProse(text).lines();
    }
    return name.endsWith(".md") ? markdown(text) : plain(text);
  }

  private static List<SourceLine> plain(String text) {
    List<SourceLine> lines = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      lines.add(new SourceLine(lines.size() + 1, withoutCode(line), line));
    }
    return lines;
  }

  /// Code blocks and code spans have names, not prose.
  private static List<SourceLine> markdown(String text) {
    List<SourceLine> lines = new ArrayList<>();
    boolean fenced = false;
    for (String line : text.split("\n", -1)) {
      boolean fence = line.strip().startsWith(FENCE);
      lines.add(new SourceLine(lines.size() + 1, fenced || fence ? "" : withoutCode(line), line));
      fenced ^= fence;
    }
    return lines;
  }

  static String withoutCode(String line) {
    return INLINE_CODE.matcher(line).replaceAll("``");
  }
}
