// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.model.Rollout;
import dev.weir.model.view.MetricWords;
import dev.weir.model.view.SummaryView;
import java.util.List;

/// Formats a release in words: the paragraph, what happens next, and the metrics.
public final class SummaryText {
  private static final String NEXT = "Next: ";

  private SummaryText() {}

  /// The paragraph, then what happens next and the commands that change it.
  ///
  /// @param shown the command that shows this text, which needs no mention
  public static String paragraph(SummaryView summary, String shown) {
    StringBuilder text = new StringBuilder(TextWrap.of(clean(summary.text()), ""));
    text.append(next(summary.next().stream().filter(step -> !step.contains(shown)).toList(), NEXT));
    return text.toString();
  }

  /// What happens next, one sentence in a line.
  ///
  /// @param head before the first sentence; the others are indented to the same column
  static String next(List<String> sentences, String head) {
    StringBuilder text = new StringBuilder();
    String indent = " ".repeat(head.length());
    for (String sentence : sentences) {
      text.append(text.isEmpty() ? head : indent);
      text.append(TextWrap.of(clean(sentence), indent).substring(indent.length()));
    }
    return text.toString();
  }

  /// The metrics that have results, one in a row; empty without any.
  public static String metrics(Rollout rollout, List<MetricWords> metrics, Style style) {
    Table table =
        new Table(
            "METRIC", rollout.spec().to().toString(), rollout.spec().from().toString(), "RESULT");
    metrics.stream()
        .filter(metric -> !metric.canary().isEmpty() || !metric.baseline().isEmpty())
        .forEach(metric ->
            table.row(metric.what(), metric.canary(), metric.baseline(), metric.result().text()));
    return table.isEmpty() ? "" : table.render(style, "  ");
  }

  private static String clean(String text) {
    return TerminalSanitizer.line(text);
  }
}
