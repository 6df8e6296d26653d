// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// `TIME LEVEL LOGGER key=value ... message="..."`, for people. The time is UTC, the logger is the
/// simple class name. A stack trace follows on lines of its own.
final class TextLayout implements LogLayout {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  @Override
  public String format(ILoggingEvent event) {
    String logger = event.getLoggerName();
    StringBuilder line = new StringBuilder(160);
    line.append(TIME.format(event.getInstant()));
    line.append(String.format(Locale.ROOT, " %-5s ", LogFields.level(event)));
    line.append(logger.substring(logger.lastIndexOf('.') + 1));
    LogFields.of(event).forEach((key, value) -> field(line, key, value.toString()));
    line.append(" message=");
    quote(line, String.valueOf(event.getFormattedMessage()));
    LogFields.stackTrace(event).ifPresent(trace -> line.append('\n').append(trace.stripTrailing()));
    return line.toString();
  }

  private static void field(StringBuilder line, String key, String value) {
    line.append(' ').append(key).append('=');
    if (value.isEmpty() || value.chars().anyMatch(TextLayout::needsQuotes)) {
      quote(line, value);
    } else {
      line.append(value);
    }
  }

  private static boolean needsQuotes(int c) {
    return c == '"' || c == '=' || Character.isWhitespace(c) || breaksLines(c);
  }

  private static void quote(StringBuilder line, String value) {
    line.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> line.append("\\\"");
        case '\\' -> line.append("\\\\");
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> {
          if (breaksLines(c)) {
            line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            line.append(c);
          }
        }
      }
    }
    line.append('"');
  }

  /// Control characters could also change what a terminal shows.
  private static boolean breaksLines(int c) {
    return Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
  }
}
