// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Columns as wide as their widest cell, two spaces between them, no trailing blanks.
public final class Table {
  private static final String GAP = "  ";
  private static final int COLUMNS = 100;
  private static final int LEAST_CUT = 20;

  private final List<String> heads;
  private final List<List<String>> rows = new ArrayList<>();
  private final Set<Integer> right = new HashSet<>();
  private Optional<Integer> cut = Optional.empty();

  public Table(String... heads) {
    this.heads = List.of(heads);
  }

  /// Numbers stand on the right of their column.
  public Table right(Integer... columns) {
    right.addAll(List.of(columns));
    return this;
  }

  /// A column of sentences, which are cut short where a line would be longer than 100 columns.
  public Table cut(int column) {
    cut = Optional.of(column);
    return this;
  }

  /// @param cells one for each column; an empty one under a head is shown as `-`
  public Table row(String... cells) {
    return row(List.of(cells));
  }

  /// @param cells one for each column; an empty one under a head is shown as `-`
  public Table row(List<String> cells) {
    if (cells.size() != heads.size()) {
      throw new IllegalArgumentException(cells + " does not fit the columns " + heads);
    }
    List<String> shown = new ArrayList<>();
    for (int column = 0; column < cells.size(); column++) {
      String cell = TerminalSanitizer.line(cells.get(column));
      // A column without a head is a mark, such as the star of the current context.
      shown.add(cell.isEmpty() && !heads.get(column).isEmpty() ? "-" : cell);
    }
    rows.add(List.copyOf(shown));
    return this;
  }

  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /// Heads and rows, each line ended.
  public String render(Style style) {
    return render(style, "");
  }

  /// @param indent stands before each line
  public String render(Style style, String indent) {
    int[] widths = widths(indent.length());
    StringBuilder text = new StringBuilder();
    line(text.append(indent), heads, widths, Style.plain());
    rows.forEach(row -> line(text.append(indent), row, widths, style));
    return text.toString();
  }

  private int[] widths(int indent) {
    int[] widths = new int[heads.size()];
    for (int column = 0; column < widths.length; column++) {
      widths[column] = heads.get(column).length();
      for (List<String> row : rows) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    int gaps = GAP.length() * (widths.length - 1);
    int tooMuch = Math.max(0, indent + gaps + Arrays.stream(widths).sum() - COLUMNS);
    cut.ifPresent(column ->
        widths[column] = Math.min(widths[column], Math.max(LEAST_CUT, widths[column] - tooMuch)));
    return widths;
  }

  private void line(StringBuilder text, List<String> cells, int[] widths, Style style) {
    for (int column = 0; column < widths.length; column++) {
      String cell = shortened(cells.get(column), widths[column]);
      boolean last = column == widths.length - 1;
      String blanks = " ".repeat(widths[column] - cell.length());
      String painted = style.state(cell);
      if (right.contains(column)) {
        text.append(blanks).append(painted);
      } else {
        text.append(painted).append(last ? "" : blanks);
      }
      text.append(last ? "\n" : GAP);
    }
  }

  private static String shortened(String cell, int width) {
    return cell.length() <= width ? cell : cell.substring(0, width - 1) + "…";
  }
}
