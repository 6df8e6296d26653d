// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

/// Draws a share as a bar with a resolution of an eighth of a cell.
final class Bar {
  private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

  private Bar() {}

  /// @param share clamped to 0..1
  /// @param cells width of the bar in characters
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
