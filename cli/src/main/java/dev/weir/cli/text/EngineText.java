// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import dev.weir.model.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Engine reports as text.
public final class EngineText {
  /// Figures that are older carry their age.
  private static final Duration FRESH = Duration.ofSeconds(15);

  private EngineText() {}

  /// Type and version, running, waiting, share of the KV cache; what is not known is empty.
  static List<String> cells(Optional<EngineView> engine, Instant now) {
    return engine
        .map(told ->
            List.of(
                name(told) + (told.asleep().orElse(false) ? ",asleep" : "") + age(told, now),
                told.running().map(Object::toString).orElse(""),
                told.waiting().map(Object::toString).orElse(""),
                told.kvUsage().map(NumberFormats::percent).orElse("")))
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
