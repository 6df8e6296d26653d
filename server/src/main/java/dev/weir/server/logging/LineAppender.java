// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.PrintStream;

/// Writes each event at once, in UTF-8. Never closes the stream, so events during the shutdown are
/// written too.
final class LineAppender extends AppenderBase<ILoggingEvent> {
  private final LogLayout layout;
  private final PrintStream out;

  LineAppender(LogLayout layout, PrintStream out) {
    this.layout = layout;
    this.out = out;
  }

  @Override
  protected void append(ILoggingEvent event) {
    byte[] line = (layout.format(event) + "\n").getBytes(UTF_8);
    out.write(line, 0, line.length);
    out.flush();
  }
}
