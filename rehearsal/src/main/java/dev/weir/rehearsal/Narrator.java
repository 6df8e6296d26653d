// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/// Prints the progress of the demo: one line per step, and on a terminal a live line at the end.
public final class Narrator {
  private static final int WIDTH = 110;

  private final PrintStream out;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private final long startNanos;
  private String live = "";

  /// @param terminal whether the last line may be rewritten in place
  public Narrator(PrintStream out, boolean terminal, LongSupplier nanoTime) {
    this.out = out;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
  }

  /// Prints a step with the time since the start.
  public void step(String text) {
    clearLive();
    out.println(elapsed() + "  " + text);
    out.flush();
  }

  /// Prints details of the current step.
  public void detail(String text) {
    clearLive();
    text.lines().forEach(line -> out.println("       " + line));
    out.flush();
  }

  /// Replaces the live line. Does nothing without a terminal.
  public void live(String text) {
    if (!terminal || text.equals(live)) {
      return;
    }
    clearLive();
    live = text.length() > WIDTH ? text.substring(0, WIDTH - 1) + "…" : text;
    out.print("       " + live);
    out.flush();
  }

  private void clearLive() {
    if (!live.isEmpty()) {
      out.print("\r\033[2K");
      live = "";
    }
  }

  private String elapsed() {
    Duration since = Duration.ofNanos(nanoTime.getAsLong() - startNanos);
    return String.format(Locale.ROOT, "%02d:%02d", since.toMinutes(), since.toSecondsPart());
  }
}
