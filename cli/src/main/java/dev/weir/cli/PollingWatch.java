// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.Table;
import dev.weir.model.codec.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/// Things that are observed rather than kept, so that there is no revision to watch from: it looks
/// again and prints what changed.
///
/// @param look all of them
/// @param table some of them, for people
record PollingWatch<T extends Record>(Supplier<List<T>> look, Function<List<T>, Table> table) {
  private static final Duration BETWEEN = Duration.ofSeconds(1);

  /// Until interrupted.
  void run(CommandSession session, OutputFormat format) throws InterruptedException {
    List<T> before = List.of();
    boolean headed = false;
    while (true) {
      List<T> now = look.get();
      List<T> changed = new ArrayList<>(now);
      changed.removeAll(before);
      if (!changed.isEmpty()) {
        show(session, format, changed, headed);
        headed = true;
      }
      before = now;
      session.pause().of(BETWEEN);
    }
  }

  private void show(CommandSession session, OutputFormat format, List<T> changed, boolean headed) {
    if (format.document()) {
      changed.forEach(item -> session.line(Json.write(item)));
    } else {
      String text = table.apply(changed).render(session.style());
      session.text(headed ? text.substring(text.indexOf('\n') + 1) : text);
    }
  }
}
