// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.Table;
import dev.weir.model.codec.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/// Watches observed state by polling, because it has no revision to watch from, and prints changes.
///
/// @param look returns all items
/// @param table renders items as a table
record PollingWatch<T extends Record>(Supplier<List<T>> look, Function<List<T>, Table> table) {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /// Runs until interrupted.
  void run(CommandSession session, OutputFormat format) throws InterruptedException {
    List<T> before = List.of();
    boolean headerPrinted = false;
    while (true) {
      List<T> now = look.get();
      List<T> changed = new ArrayList<>(now);
      changed.removeAll(before);
      if (!changed.isEmpty()) {
        show(session, format, changed, headerPrinted);
        headerPrinted = true;
      }
      before = now;
      session.pause().sleep(INTERVAL);
    }
  }

  private void show(
      CommandSession session, OutputFormat format, List<T> changed, boolean headerPrinted) {
    if (format.document()) {
      changed.forEach(item -> session.line(Json.write(item)));
    } else {
      String text = table.apply(changed).render(session.style());
      session.text(headerPrinted ? text.substring(text.indexOf('\n') + 1) : text);
    }
  }
}
