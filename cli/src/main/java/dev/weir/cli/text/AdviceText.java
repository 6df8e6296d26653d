// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.model.view.AdviceView;
import dev.weir.model.view.AdviceView.Setting;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Advice for the next release as text.
public final class AdviceText {
  private static final double MILLIS = 1000;

  private AdviceText() {}

  public static String of(AdviceView advice, Style style) {
    StringBuilder text = new StringBuilder();
    text.append("Service  ").append(advice.service()).append('\n');
    text.append("Traffic  ").append(TerminalSanitizer.line(advice.traffic())).append("\n\n");
    if (!advice.settings().isEmpty()) {
      text.append(table(advice).render(style)).append('\n');
    }
    text.append(
        advice
            .recommended()
            .map(name -> "Recommended: " + name + ". " + advice.reason())
            .orElse(advice.reason()));
    text.append('\n');
    chosen(advice)
        .filter(setting -> !setting.release().isEmpty())
        .ifPresent(setting ->
            text.append("\nIn the manifest, below spec:\n  release:\n    ")
                .append(TerminalSanitizer.line(setting.release()))
                .append('\n'));
    return text.toString();
  }

  private static Optional<Setting> chosen(AdviceView advice) {
    return advice
        .recommended()
        .flatMap(name ->
            advice.settings().stream().filter(each -> each.name().equals(name)).findFirst());
  }

  /// The bad answers are those of a version that answers nothing.
  private static Table table(AdviceView advice) {
    Table table =
        new Table(
                "SETTING",
                "LARGEST SHARE",
                "PROVEN AFTER",
                "PROMOTED AFTER",
                "BAD ANSWERS AT START",
                "AT LARGEST SHARE")
            .right(1, 2, 3, 4, 5);
    for (Setting setting : advice.settings()) {
      table.row(
          List.of(
              setting.name(),
              number(setting.largestPercent()) + " %",
              time(setting.secondsToProve()),
              time(setting.secondsToPromote()),
              number(setting.badAnswersAtStart()),
              number(setting.badAnswersAtTop())));
    }
    return table;
  }

  private static String time(Optional<Double> seconds) {
    return seconds
        .map(value -> NumberFormats.span(Duration.ofMillis(Math.round(MILLIS * value))))
        .orElse("not known");
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.0f", value);
  }
}
