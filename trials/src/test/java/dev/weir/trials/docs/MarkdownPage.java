// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A page, split into its prose and its blocks of code.
///
/// @param prose everything outside the blocks
record MarkdownPage(Path file, String prose, List<Block> blocks) {
  private static final Pattern FENCE = Pattern.compile("\\s*```+\\s*(\\w*)\\s*");
  private static final Pattern SPAN = Pattern.compile("`([^`]+)`");
  private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6}\\s+(.*)$");

  /// A block of code.
  ///
  /// @param language empty when the fence names none
  record Block(String language, String text) {
    boolean isOneOf(String... languages) {
      return Set.of(languages).contains(language);
    }
  }

  static MarkdownPage read(Path file) {
    return of(file, Checkout.text(file));
  }

  static MarkdownPage of(Path file, String text) {
    StringBuilder prose = new StringBuilder();
    StringBuilder code = new StringBuilder();
    List<Block> blocks = new ArrayList<>();
    String language = "";
    boolean inCode = false;
    for (String line : text.split("\n", -1)) {
      Matcher fence = FENCE.matcher(line);
      if (!fence.matches()) {
        (inCode ? code : prose).append(line).append('\n');
        continue;
      }
      if (inCode) {
        blocks.add(new Block(language, code.toString()));
        code.setLength(0);
      } else {
        language = fence.group(1);
      }
      inCode = !inCode;
    }
    return new MarkdownPage(file, prose.toString(), List.copyOf(blocks));
  }

  /// The texts between backticks, on one line each.
  List<String> codeSpans() {
    return SPAN.matcher(prose)
        .results()
        .map(span -> span.group(1).replaceAll("\\s+", " ").strip())
        .toList();
  }

  /// The targets of all links.
  List<String> links() {
    String visible = SPAN.matcher(prose).replaceAll("code");
    return LINK.matcher(visible).results().map(link -> link.group(1)).toList();
  }

  /// The names that links can use after `#`, as GitHub derives them from headings.
  Set<String> anchors() {
    Map<String, Integer> seen = new HashMap<>();
    Set<String> anchors = new HashSet<>();
    HEADING
        .matcher(prose)
        .results()
        .map(heading -> anchor(heading.group(1)))
        .forEach(anchor -> {
          int earlier = seen.merge(anchor, 1, Integer::sum) - 1;
          anchors.add(earlier == 0 ? anchor : anchor + "-" + earlier);
        });
    return anchors;
  }

  static String anchor(String heading) {
    return heading
        .replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
        .strip()
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }

  /// The whole text, prose first.
  String text() {
    StringBuilder text = new StringBuilder(prose);
    blocks.forEach(block -> text.append(block.text()));
    return text.toString();
  }
}
