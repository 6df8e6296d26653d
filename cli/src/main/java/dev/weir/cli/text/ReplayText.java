// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.model.view.Replayed;
import java.util.List;

/// Formats recomputed decisions, one line each.
public final class ReplayText {
  private ReplayText() {}

  /// @param decisions oldest first
  public static String of(List<Replayed> decisions, Style style) {
    if (decisions.isEmpty()) {
      return "No decisions yet.\n";
    }
    StringBuilder text = new StringBuilder();
    for (Replayed decision : decisions) {
      text.append('#').append(decision.sequence());
      text.append("  ").append(style.state(TerminalSanitizer.line(decision.verdict())));
      text.append("  ")
          .append(
              style.state(styleOf(decision.outcome()), TerminalSanitizer.line(decision.message())));
      text.append('\n');
    }
    return text.toString();
  }

  private static String styleOf(Replayed.Outcome outcome) {
    return switch (outcome) {
      case SAME -> "ok";
      case NOTHING_TO_REPLAY -> "";
      case ANOTHER, UNREADABLE -> "problem";
    };
  }
}
