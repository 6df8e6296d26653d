// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.client.Explanation;
import dev.weir.model.Rollout;
import dev.weir.model.release.Stages;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.Evidence.MetricEvidence;
import dev.weir.model.view.SummaryView;
import java.util.List;
import java.util.Locale;

/// Formats the decisions of a rollout with their evidence, within 100 columns.
///
/// Evidence is a natural logarithm. At the harm threshold the release is reverted; at the safe
/// threshold a metric passes its step.
public final class ExplainText {
  private static final String RATE = "rate";
  private static final String SCORE = "score";
  private static final String LATENCY = "latency";
  private static final int BAR_CELLS = 24;
  private static final String INDENT = "    ";

  private ExplainText() {}

  /// @param explanation the release in words and its decisions
  /// @param statistics whether to show the evidence behind the words
  public static String of(
      Rollout rollout, Explanation explanation, boolean statistics, Style style) {
    StringBuilder text = new StringBuilder(RolloutText.headline(rollout, style)).append('\n');
    explanation.summary().ifPresent(summary -> summary(text.append('\n'), rollout, summary, style));
    if (explanation.decisions().isEmpty()) {
      text.append("\nNo decisions yet.\n");
    }
    int steps = Stages.of(rollout.spec()).size();
    for (Evidence decision : explanation.decisions()) {
      decision(text.append('\n'), decision, steps, style);
      reason(text, decision, statistics);
      if (statistics) {
        evidence(text, decision, style);
      }
    }
    if (statistics) {
      explanation
          .summary()
          .flatMap(SummaryView::latest)
          .ifPresent(latest -> evidence(text.append("\nLatest analysis\n"), latest, style));
    }
    return text.toString();
  }

  private static void summary(
      StringBuilder text, Rollout rollout, SummaryView summary, Style style) {
    text.append(SummaryText.paragraph(summary, "weir rollout explain"));
    String metrics = SummaryText.metrics(rollout, summary.metrics(), style);
    text.append(metrics.isEmpty() ? "" : "\n" + metrics);
  }

  private static void decision(StringBuilder text, Evidence decision, int steps, Style style) {
    text.append('#').append(decision.sequence());
    text.append("  ").append(NumberFormats.time(decision.at()));
    text.append("  ").append(RolloutText.step(decision.step(), steps));
    text.append(", weight ").append(NumberFormats.number(decision.weight())).append('%');
    text.append("  ").append(style.state(TerminalSanitizer.line(decision.verdict()))).append('\n');
  }

  /// A control plane of an older version describes decisions only by their statistics.
  private static void reason(StringBuilder text, Evidence decision, boolean statistics) {
    boolean words = !statistics && !decision.summary().isEmpty();
    wrapped(text, TerminalSanitizer.line(words ? decision.summary() : decision.reason()));
    if (!words && !decision.decidedBy().isEmpty()) {
      wrapped(
          text, "decided by: " + TerminalSanitizer.line(String.join(", ", decision.decidedBy())));
    }
  }

  private static void evidence(StringBuilder text, Evidence decision, Style style) {
    if (!decision.metrics().isEmpty()) {
      text.append('\n').append(metrics(decision).render(style, INDENT));
      text.append('\n');
      bars(text, decision.metrics());
      String chart = HistoryChart.of(decision);
      text.append(chart.isEmpty() ? "" : "\n" + chart);
    }
    if (!decision.flags().isEmpty()) {
      wrapped(
          text.append('\n'),
          "flags: " + TerminalSanitizer.line(String.join("; ", decision.flags())));
    }
  }

  private static Table metrics(Evidence decision) {
    Table table =
        new Table(
                "METRIC",
                "CANARY N",
                "BAD",
                "VALUE",
                "BASE N",
                "BAD",
                "VALUE",
                "HARM",
                "SAFE",
                "RESULT")
            .right(1, 2, 3, 4, 5, 6, 7, 8);
    for (MetricEvidence metric : decision.metrics()) {
      table.row(
          metric.metric(),
          Long.toString(metric.canaryCount()),
          bad(metric, metric.canaryBad()),
          value(metric.kind(), metric.canaryCount(), metric.canaryValue()),
          Long.toString(metric.baselineCount()),
          bad(metric, metric.baselineBad()),
          value(metric.kind(), metric.baselineCount(), metric.baselineValue()),
          against(metric.harmLogE(), metric.harmThreshold()),
          against(metric.safeLogE(), metric.safeThreshold()),
          result(metric));
    }
    return table;
  }

  /// Scores have no count of bad answers.
  private static String bad(MetricEvidence metric, long count) {
    return metric.kind().equals(SCORE) ? "" : Long.toString(count);
  }

  /// Empty without measurements: a rate of 0 of 0 requests would look good. A median of 0 is
  /// unknown, because too many requests never reached this point. Values of a kind that this CLI
  /// does not know have no unit.
  private static String value(String kind, long count, double value) {
    boolean median = !kind.equals(RATE) && !kind.equals(SCORE);
    if (count == 0 || Double.isNaN(value) || (median && value == 0)) {
      return "";
    }
    return switch (kind) {
      case RATE -> NumberFormats.percent(value);
      case SCORE -> String.format(Locale.ROOT, "%.2f", value);
      case LATENCY -> NumberFormats.seconds(value);
      default -> NumberFormats.number(value);
    };
  }

  private static String against(double logE, double threshold) {
    return threshold <= 0
        ? "-"
        : NumberFormats.evidence(logE) + "/" + NumberFormats.evidence(threshold);
  }

  /// `watched`: the metric can revert the release, but steps do not wait for it.
  private static String result(MetricEvidence metric) {
    if (metric.harmThreshold() > 0 && metric.harmLogE() >= metric.harmThreshold()) {
      boolean decides = !metric.dryRun() && !metric.action().equals("warn");
      return decides ? "fail" : "warning";
    }
    if (metric.dryRun()) {
      return "dry run";
    }
    if (!metric.gating()) {
      return "watched";
    }
    boolean safe = metric.safeThreshold() > 0 && metric.safeLogE() >= metric.safeThreshold();
    return safe ? "pass" : "open";
  }

  private static void bars(StringBuilder text, List<MetricEvidence> metrics) {
    int width =
        metrics.stream()
            .mapToInt(metric -> TerminalSanitizer.line(metric.metric()).length())
            .max()
            .orElse(0);
    for (MetricEvidence metric : metrics) {
      String name = TerminalSanitizer.line(metric.metric());
      text.append(INDENT).append(name).append(" ".repeat(width - name.length()));
      text.append("  harm ").append(bar(metric.harmLogE(), metric.harmThreshold()));
      // A watched metric has no safe threshold; an empty bar would suggest missing evidence.
      if (metric.safeThreshold() > 0) {
        text.append("  safe ").append(bar(metric.safeLogE(), metric.safeThreshold()));
      }
      text.append('\n');
    }
  }

  private static String bar(double logE, double threshold) {
    double share = threshold <= 0 ? 0 : logE / threshold;
    long percent = Math.round(Math.clamp(Double.isNaN(share) ? 0 : share, 0, 1) * 100);
    return Bar.of(share, BAR_CELLS) + String.format(Locale.ROOT, " %3d%%", percent);
  }

  private static void wrapped(StringBuilder text, String sentence) {
    text.append(TextWrap.of(sentence, INDENT));
  }
}
