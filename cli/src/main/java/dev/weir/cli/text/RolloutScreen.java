// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.model.Rollout;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.MetricWords;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.SummaryView;
import dev.weir.model.view.SummaryView.Share;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The live screen of `weir rollout watch`: the release in words, its progress, its replicas and
/// its metrics.
public final class RolloutScreen {
  private static final int BAR_CELLS = 24;
  private static final int SHOWN_SHARES = 8;
  private static final double PERCENT = 100;

  private RolloutScreen() {}

  /// @param replicas of the Service
  public static String of(
      Rollout rollout, SummaryView summary, List<ReplicaView> replicas, Instant now, Style style) {
    StringBuilder text = new StringBuilder(RolloutText.headline(rollout, style)).append("\n\n");
    text.append(TextWrap.of(TerminalSanitizer.line(summary.text()), "")).append('\n');
    line(text, "share", share(rollout, summary));
    line(text, "progress", progress(summary, now));
    line(text, "replicas", replicas(rollout.spec().to(), replicas));
    line(text, "", replicas(rollout.spec().from(), replicas));
    text.append('\n').append(SummaryText.next(summary.next(), "Next: "));
    String metrics = SummaryText.metrics(rollout, deciding(summary), style);
    return text.append(metrics.isEmpty() ? "" : "\n" + metrics).toString();
  }

  /// A screen has few lines: metrics that a promotion does not wait for are left out while they
  /// show no harm.
  private static List<MetricWords> deciding(SummaryView summary) {
    return summary.metrics().stream()
        .filter(metric -> metric.result() != MetricWords.Finding.WATCHED)
        .toList();
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append("  ").append(name).append(" ".repeat(10 - name.length())).append(value);
    text.append('\n');
  }

  private static String share(Rollout rollout, SummaryView summary) {
    List<Share> shares = summary.shares();
    double current = shares.isEmpty() ? rollout.status().weight() : shares.getLast().percent();
    String before =
        shares.stream()
            .skip(Math.max(0, shares.size() - SHOWN_SHARES))
            .map(share -> NumberFormats.number(share.percent()))
            .collect(Collectors.joining(" -> "));
    return Bar.of(current / PERCENT, BAR_CELLS)
        + "  "
        + (shares.size() < 2 ? NumberFormats.number(current) : before)
        + "%";
  }

  private static String progress(SummaryView summary, Instant now) {
    return Bar.of(summary.progress(), BAR_CELLS)
        + "  "
        + Math.round(PERCENT * summary.progress())
        + "%"
        + summary
            .expectedEnd()
            .map(end ->
                ", expected end %s (in %s)"
                    .formatted(
                        NumberFormats.time(end), NumberFormats.span(Duration.between(now, end))))
            .orElse("");
  }

  /// `chat@3 2 Ready, 1 Starting`.
  private static String replicas(VersionRef version, List<ReplicaView> replicas) {
    Map<ReplicaState, Long> states =
        replicas.stream()
            .filter(replica -> replica.version().equals(version))
            .collect(
                Collectors.groupingBy(
                    ReplicaView::state,
                    () -> new EnumMap<>(ReplicaState.class),
                    Collectors.counting()));
    String counts =
        states.entrySet().stream()
            .map(state -> state.getValue() + " " + state.getKey().text())
            .collect(Collectors.joining(", "));
    return version + "  " + (counts.isEmpty() ? "none" : counts);
  }
}
