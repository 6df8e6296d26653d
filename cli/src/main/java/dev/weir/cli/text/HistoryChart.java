// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.model.view.Evidence;
import dev.weir.model.view.Evidence.MetricEvidence;
import dev.weir.model.view.Evidence.Moment;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Charts the evidence of a decision over time, one line for each metric and side. The height is
/// the share of the threshold; a full block has reached it.
final class HistoryChart {
  private static final String HEIGHTS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
  private static final String REACHED = "\u2588";
  private static final int COLUMNS = 48;
  private static final String INDENT = "    ";

  private HistoryChart() {}

  /// @return empty for fewer than two moments
  static String of(Evidence decision) {
    List<Moment> moments = sampled(decision.history());
    if (moments.size() < 2) {
      return "";
    }
    int width =
        decision.metrics().stream()
            .mapToInt(m -> TerminalSanitizer.line(m.metric()).length())
            .max()
            .orElse(0);
    StringBuilder text = new StringBuilder(INDENT);
    text.append("over time, ").append(NumberFormats.time(moments.getFirst().at()));
    text.append(" to ").append(NumberFormats.time(moments.getLast().at()));
    text.append("; ").append(REACHED).append(" is the threshold\n");
    for (MetricEvidence metric : decision.metrics()) {
      String name = TerminalSanitizer.line(metric.metric());
      String label = INDENT + name + " ".repeat(width - name.length());
      line(text, label + "  harm ", moments, metric, true);
      if (metric.gating()) {
        line(text, label + "  safe ", moments, metric, false);
      }
    }
    return text.toString();
  }

  private static void line(
      StringBuilder text, String label, List<Moment> moments, MetricEvidence metric, boolean harm) {
    double threshold = harm ? metric.harmThreshold() : metric.safeThreshold();
    if (threshold <= 0) {
      return;
    }
    text.append(label);
    for (Moment moment : moments) {
      Map<String, Double> values = harm ? moment.harm() : moment.safe();
      text.append(cell(values.getOrDefault(metric.metric(), 0.0) / threshold));
    }
    text.append('\n');
  }

  /// Reserves the full block for evidence that has reached the threshold.
  private static char cell(double share) {
    int highest = HEIGHTS.length() - 1;
    int height = share >= 1 ? highest : (int) (Math.clamp(share, 0, 1) * highest);
    return HEIGHTS.charAt(height);
  }

  private static List<Moment> sampled(List<Moment> moments) {
    if (moments.size() <= COLUMNS) {
      return moments;
    }
    return IntStream.range(0, COLUMNS)
        .mapToObj(i -> moments.get(i * (moments.size() - 1) / (COLUMNS - 1)))
        .toList();
  }
}
