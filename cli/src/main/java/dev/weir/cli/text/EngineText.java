// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.model.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Formats engine reports.
public final class EngineText {
  /// Older figures are shown with their age.
  private static final Duration FRESH = Duration.ofSeconds(15);

  private EngineText() {}

  /// Type and version, running, waiting, KV cache usage; unknown values are empty.
  static List<String> cells(Optional<EngineView> engine, Instant now) {
    return engine
        .map(report ->
            List.of(
                name(report) + (report.asleep().orElse(false) ? ",asleep" : "") + age(report, now),
                report.running().map(Object::toString).orElse(""),
                report.waiting().map(Object::toString).orElse(""),
                report.kvUsage().map(NumberFormats::percent).orElse("")))
        .orElse(List.of("", "", "", ""));
  }

  /// `vllm 0.10.2`.
  public static String name(EngineView engine) {
    return TerminalSanitizer.line(
        engine.type().text() + engine.version().map(version -> " " + version).orElse(""));
  }

  private static String age(EngineView engine, Instant now) {
    return engine
        .seenAt()
        .filter(at -> Duration.between(at, now).compareTo(FRESH) > 0)
        .map(at -> " (" + NumberFormats.age(at, now) + " old)")
        .orElse("");
  }
}
