// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A text table. Columns are as wide as their widest cell and separated by two spaces; lines have
/// no trailing spaces.
public final class Table {
  private static final String GAP = "  ";
  private static final int COLUMNS = 100;
  private static final int MIN_TRUNCATED = 20;

  private final List<String> headers;
  private final List<List<String>> rows = new ArrayList<>();
  private final Set<Integer> right = new HashSet<>();
  private Optional<Integer> cut = Optional.empty();

  public Table(String... headers) {
    this.headers = List.of(headers);
  }

  /// Aligns columns to the right, for numbers.
  public Table right(Integer... columns) {
    right.addAll(List.of(columns));
    return this;
  }

  /// Sets the column to truncate when a line is longer than 100 characters on a terminal.
  public Table cut(int column) {
    cut = Optional.of(column);
    return this;
  }

  /// @param cells one per column; an empty cell is shown as `-` if its column has a header
  public Table row(String... cells) {
    return row(List.of(cells));
  }

  /// @param cells one per column; an empty cell is shown as `-` if its column has a header
  public Table row(List<String> cells) {
    if (cells.size() != headers.size()) {
      throw new IllegalArgumentException(cells + " does not fit the columns " + headers);
    }
    List<String> display = new ArrayList<>();
    for (int column = 0; column < cells.size(); column++) {
      String cell = TerminalSanitizer.line(cells.get(column));
      // A column without a header contains a marker, such as the `*` of the current context.
      display.add(cell.isEmpty() && !headers.get(column).isEmpty() ? "-" : cell);
    }
    rows.add(List.copyOf(display));
    return this;
  }

  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /// The header and the rows, each with a line break.
  public String render(Style style) {
    return render(style, "");
  }

  /// @param indent prefix of each line
  public String render(Style style, String indent) {
    int[] widths = widths();
    if (style.terminal()) {
      truncate(widths, indent.length());
    }
    StringBuilder text = new StringBuilder();
    line(text.append(indent), headers, widths, Style.plain());
    rows.forEach(row -> line(text.append(indent), row, widths, style));
    return text.toString();
  }

  private int[] widths() {
    int[] widths = new int[headers.size()];
    for (int column = 0; column < widths.length; column++) {
      widths[column] = headers.get(column).length();
      for (List<String> row : rows) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    return widths;
  }

  private void truncate(int[] widths, int indent) {
    int gaps = GAP.length() * (widths.length - 1);
    int excess = Math.max(0, indent + gaps + Arrays.stream(widths).sum() - COLUMNS);
    cut.ifPresent(column ->
        widths[column] =
            Math.min(widths[column], Math.max(MIN_TRUNCATED, widths[column] - excess)));
  }

  private void line(StringBuilder text, List<String> cells, int[] widths, Style style) {
    for (int column = 0; column < widths.length; column++) {
      String cell = truncated(cells.get(column), widths[column]);
      boolean last = column == widths.length - 1;
      String padding = " ".repeat(widths[column] - cell.length());
      String styled = style.state(cell);
      if (right.contains(column)) {
        text.append(padding).append(styled);
      } else {
        text.append(styled).append(last ? "" : padding);
      }
      text.append(last ? "\n" : GAP);
    }
  }

  private static String truncated(String cell, int width) {
    return cell.length() <= width ? cell : cell.substring(0, width - 1) + "…";
  }
}
