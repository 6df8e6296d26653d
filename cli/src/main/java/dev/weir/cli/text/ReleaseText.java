// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.client.ApplyPlan.Release;
import dev.weir.model.spec.TargetSpec;
import dev.weir.model.view.ReleaseOutlook.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Formats a release that starts or would start: its capacity, cost and blockers.
public final class ReleaseText {
  private static final double MILLIS = 1000;

  private ReleaseText() {}

  /// Versions, strategy, steps and minimum duration.
  public static String headline(Release release) {
    String strategy =
        release.strategy().isEmpty() ? "" : ", " + TerminalSanitizer.line(release.strategy());
    String steps = release.steps().isEmpty() ? "" : ", " + shares(release);
    return TerminalSanitizer.line(release.service() + ": " + release.from() + " -> " + release.to())
        + strategy
        + steps
        + ", at least "
        + span(release.minSeconds());
  }

  /// The known details, one per line.
  public static List<String> details(Release release) {
    List<String> lines = new ArrayList<>();
    if (!release.traffic().isEmpty()) {
      lines.add("traffic: " + release.traffic());
    }
    if (!release.roomReason().isEmpty()) {
      lines.add("capacity: " + release.roomReason());
      lines.add(
          "revert: within %s in the worst case: %s"
              .formatted(span(release.revertSeconds()), release.revertReason()));
      release.usage().forEach(usage -> lines.add("usage: " + usage(usage)));
      cost(release, lines);
    }
    release.waitsFor().forEach(wait -> lines.add("waits for: " + wait));
    return lines.stream().map(TerminalSanitizer::line).toList();
  }

  /// A line for each step that is unlikely to pass in its time.
  public static List<String> warnings(Release release) {
    return release.forecast().stream().map(line -> "! " + TerminalSanitizer.line(line)).toList();
  }

  private static void cost(Release release, List<String> lines) {
    if (release.gpuHours() > 0) {
      String money =
          release.costUsd().map(usd -> ", " + NumberFormats.number(usd) + " USD").orElse("");
      lines.add(
          "cost: at least %s additional GPU-hours%s; %s"
              .formatted(
                  NumberFormats.number(release.gpuHours()),
                  money,
                  String.join("; ", release.prices())));
    }
  }

  private static String usage(Usage usage) {
    String unit = usage.unit().equals(TargetSpec.GPUS) ? "GPUs" : usage.unit();
    String of = usage.capacity().map(all -> " of its " + all).orElse("");
    return "%d %s on %s now, up to %d%s during the release"
        .formatted(usage.now(), unit, usage.target(), usage.peak(), of);
  }

  private static String span(double seconds) {
    return NumberFormats.span(Duration.ofMillis(Math.round(seconds * MILLIS)));
  }

  /// A ramp may skip some of its weights.
  private static String shares(Release release) {
    List<String> shares =
        release.steps().stream().map(weight -> NumberFormats.number(weight) + "%").toList();
    return release.ramp()
        ? "a ramp from %s to %s".formatted(shares.getFirst(), shares.getLast())
        : "steps " + String.join(", ", shares);
  }
}
