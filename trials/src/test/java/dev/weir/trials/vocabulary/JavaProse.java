// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.vocabulary;

import java.util.ArrayList;
import java.util.List;

/// Reads the comments and string literals out of a Java file.
final class JavaProse {
  private static final String TEXT_BLOCK = "\"\"\"";

  private final String text;
  private final StringBuilder prose = new StringBuilder();
  private final StringBuilder all = new StringBuilder();
  private final List<SourceLine> lines = new ArrayList<>();
  private Where where = Where.CODE;

  private enum Where {
    CODE,
    LINE_COMMENT,
    BLOCK_COMMENT,
    STRING,
    TEXT_BLOCK,
    CHARACTER
  }

  JavaProse(String text) {
    this.text = text;
  }

  List<SourceLine> lines() {
    int at = 0;
    while (at < text.length()) {
      at += step(at);
    }
    endLine();
    return List.copyOf(lines);
  }

  /// Reads one token and returns how many characters it has.
  private int step(int at) {
    char next = text.charAt(at);
    if (next == '\n') {
      endLine();
      return 1;
    }
    return switch (where) {
      case CODE -> code(at);
      case LINE_COMMENT -> read(at, 1, true);
      case BLOCK_COMMENT -> until(at, "*/");
      case STRING -> until(at, "\"");
      case TEXT_BLOCK -> until(at, TEXT_BLOCK);
      case CHARACTER -> until(at, "'");
    };
  }

  private int code(int at) {
    if (text.startsWith("//", at)) {
      return enter(at, 2, Where.LINE_COMMENT);
    }
    if (text.startsWith("/*", at)) {
      return enter(at, 2, Where.BLOCK_COMMENT);
    }
    if (text.startsWith(TEXT_BLOCK, at)) {
      return enter(at, TEXT_BLOCK.length(), Where.TEXT_BLOCK);
    }
    return switch (text.charAt(at)) {
      case '"' -> enter(at, 1, Where.STRING);
      case '\'' -> enter(at, 1, Where.CHARACTER);
      default -> read(at, 1, false);
    };
  }

  private int enter(int at, int length, Where inside) {
    where = inside;
    return read(at, length, false);
  }

  /// Reads to the end mark of a comment or literal; an escape hides what follows it.
  private int until(int at, String end) {
    boolean escapes = where != Where.BLOCK_COMMENT;
    if (escapes
        && text.charAt(at) == '\\'
        && at + 1 < text.length()
        && text.charAt(at + 1) != '\n') {
      return read(at, 2, where != Where.CHARACTER);
    }
    if (text.startsWith(end, at)) {
      where = Where.CODE;
      return read(at, end.length(), false);
    }
    return read(at, 1, where != Where.CHARACTER);
  }

  private int read(int at, int length, boolean isProse) {
    String token = text.substring(at, at + length);
    all.append(token);
    prose.append(isProse ? token : " ");
    return length;
  }

  private void endLine() {
    String shown = SourceText.withoutCode(prose.toString());
    lines.add(new SourceLine(lines.size() + 1, shown, all.toString()));
    prose.setLength(0);
    all.setLength(0);
    if (where == Where.LINE_COMMENT) {
      where = Where.CODE;
    }
  }
}
