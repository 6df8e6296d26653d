// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.configuration.UsageException;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;

/// Writes all log records to standard error, as JSON lines with fixed keys or as text.
final class Logs {
  private Logs() {}

  /// Sets the log manager. Must run first, because the JDK creates the log manager at its first
  /// use.
  static void prepare() {
    System.setProperty("java.util.logging.manager", ShutdownSafeLogManager.class.getName());
  }

  static void install(String format, String level, PrintStream err, boolean terminal) {
    boolean json =
        switch (format) {
          case "json" -> true;
          case "text" -> false;
          case "auto" -> !terminal;
          default ->
              throw new UsageException(
                  "logFormat must be json, text or auto, not '" + format + "'");
        };
    ShutdownSafeLogManager.restart();
    Logger root = Logger.getLogger("");
    root.setLevel(levelNamed(level));
    root.addHandler(new FlushingHandler(err, json ? new JsonLines() : new TextLines()));
    // The info records of these libraries do not help operators.
    for (String library : new String[] {"io.netty", "org.eclipse.jetty", "org.flywaydb"}) {
      Logger.getLogger(library).setLevel(Level.WARNING);
      LIBRARIES.add(Logger.getLogger(library));
    }
  }

  /// The JDK references loggers weakly; these references preserve their levels.
  private static final java.util.List<Logger> LIBRARIES = new java.util.ArrayList<>();

  private static Level levelNamed(String level) {
    return switch (level.toLowerCase(Locale.ROOT)) {
      case "error" -> Level.SEVERE;
      case "warn" -> Level.WARNING;
      case "info" -> Level.INFO;
      case "debug" -> Level.FINE;
      default ->
          throw new UsageException(
              "logLevel must be error, warn, info or debug, not '" + level + "'");
    };
  }

  private static String levelText(LogRecord record) {
    int value = record.getLevel().intValue();
    if (value >= Level.SEVERE.intValue()) {
      return "error";
    }
    if (value >= Level.WARNING.intValue()) {
      return "warn";
    }
    return value >= Level.INFO.intValue() ? "info" : "debug";
  }

  private static final class FlushingHandler extends StreamHandler {
    FlushingHandler(PrintStream out, Formatter formatter) {
      super(out, formatter);
      setLevel(Level.ALL);
    }

    @Override
    public synchronized void publish(LogRecord record) {
      super.publish(record);
      flush();
    }

    /// Does not close standard error.
    @Override
    public synchronized void close() {
      flush();
    }
  }

  /// Keys: `at`, `level`, `logger`, `message`, `error`.
  private static final class JsonLines extends Formatter {
    @Override
    public String format(LogRecord record) {
      StringBuilder line = new StringBuilder(160).append('{');
      field(line, "at", record.getInstant().toString()).append(',');
      field(line, "level", levelText(record)).append(',');
      field(line, "logger", String.valueOf(record.getLoggerName())).append(',');
      field(line, "message", formatMessage(record));
      if (record.getThrown() != null) {
        field(line.append(','), "error", stackTrace(record.getThrown()));
      }
      return line.append("}\n").toString();
    }

    private static StringBuilder field(StringBuilder line, String key, String value) {
      line.append('"').append(key).append("\":\"");
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        switch (c) {
          case '"' -> line.append("\\\"");
          case '\\' -> line.append("\\\\");
          case '\n' -> line.append("\\n");
          case '\t' -> line.append("\\t");
          default -> {
            if (c < 0x20) {
              line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
              line.append(c);
            }
          }
        }
      }
      return line.append('"');
    }
  }

  private static final class TextLines extends Formatter {
    @Override
    public String format(LogRecord record) {
      Instant at = record.getInstant();
      String error = record.getThrown() == null ? "" : "\n" + stackTrace(record.getThrown());
      return String.format(
          Locale.ROOT,
          "%s %-5s %s%s%n",
          at.toString().substring(11, 19),
          levelText(record),
          formatMessage(record),
          error);
    }
  }

  private static String stackTrace(Throwable thrown) {
    java.io.StringWriter text = new java.io.StringWriter();
    thrown.printStackTrace(new java.io.PrintWriter(text));
    return text.toString();
  }
}
