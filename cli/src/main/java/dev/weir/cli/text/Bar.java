// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

/// A share as a bar of eighths of a cell.
final class Bar {
  private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

  private Bar() {}

  /// @param share below 0 is drawn as 0, above 1 as 1
  /// @param cells characters of the bar
  static String of(double share, int cells) {
    double bounded = Double.isNaN(share) ? 0 : Math.clamp(share, 0, 1);
    int eighths = (int) Math.floor(bounded * cells * 8);
    int full = eighths / 8;
    StringBuilder bar = new StringBuilder("█".repeat(full));
    if (full < cells && eighths % 8 > 0) {
      bar.append(EIGHTHS.charAt(eighths % 8));
    }
    return bar + "·".repeat(cells - bar.length());
  }
}
