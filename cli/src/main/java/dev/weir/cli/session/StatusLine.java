// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

import java.io.PrintWriter;

/// Progress: one line that is updated in place on a terminal; elsewhere a new line for each change.
public final class StatusLine implements AutoCloseable {
  private static final int COLUMNS = 100;
  private static final String ERASE = "\r\u001b[K";

  private final PrintWriter out;
  private final boolean inPlace;
  private String shown = "";

  public StatusLine(PrintWriter out, boolean inPlace) {
    this.out = out;
    this.inPlace = inPlace;
  }

  public void show(String text) {
    if (text.equals(shown)) {
      return;
    }
    shown = text;
    if (inPlace) {
      out.print(ERASE + (text.length() > COLUMNS ? text.substring(0, COLUMNS - 1) + "…" : text));
    } else {
      out.println(text);
    }
    out.flush();
  }

  /// Erases the line on a terminal.
  @Override
  public void close() {
    if (inPlace && !shown.isEmpty()) {
      out.print(ERASE);
      out.flush();
    }
  }
}
