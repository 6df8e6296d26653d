// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import dev.weir.server.ServerReference;
import dev.weir.simulator.SimOptions;
import dev.weir.simulator.player.PlayerCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicBoolean;

/// All generated pages.
final class Reference {
  private Reference() {}

  /// The text of each page, by its path in the checkout.
  static SequencedMap<String, String> pages() {
    SequencedMap<String, String> pages = new LinkedHashMap<>();
    pages.put("docs/reference/manifests.md", ManifestsPage.text(examples()));
    pages.put(
        "docs/reference/commands.md",
        CommandsPage.text(ServerReference.commandLine(), SimOptions.HELP, playerHelp()));
    pages.put("docs/reference/http-api.md", HttpApiPage.text());
    pages.put("docs/reference/errors.md", ErrorsPage.text());
    pages.put("docs/reference/metrics.md", MetricsPage.text());
    pages.put("docs/reference/settings.md", SettingsPage.text());
    pages.put("docs/reference/log-events.md", LogEventsPage.text());
    return pages;
  }

  /// One manifest of each kind.
  static String examples() {
    try (InputStream in =
        Objects.requireNonNull(Reference.class.getResourceAsStream("manifest-examples.yaml"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String playerHelp() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    try {
      var _ = PlayerCommand.run(stream, stream, new AtomicBoolean(), "--help");
    } catch (InterruptedException e) {
      throw new IllegalStateException("help waits for nothing", e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
