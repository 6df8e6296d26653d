// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import dev.weir.server.configuration.UsageException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/// Sends all log events to standard error.
public final class Logs {
  /// The info events of these libraries do not help operators.
  private static final List<String> QUIET_LIBRARIES =
      List.of("io.netty", "org.eclipse.jetty", "org.flywaydb");

  private Logs() {}

  /// Replaces the configuration of all loggers.
  ///
  /// @param format `json`, `text`, or `auto`: text on a terminal, otherwise JSON
  /// @param level the lowest level to log: `error`, `warn`, `info` or `debug`
  /// @param terminal whether standard error is a terminal
  /// @throws UsageException if the format or the level is unknown
  public static void install(String format, String level, PrintStream err, boolean terminal) {
    LogLayout layout = layoutNamed(format, terminal);
    Level lowest = levelNamed(level);
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    configure(context, layout, lowest, err);
    bridgeJdkLogging();
  }

  static void configure(LoggerContext context, LogLayout layout, Level lowest, PrintStream err) {
    LineAppender appender = new LineAppender(layout, err);
    appender.setContext(context);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(lowest);
    root.addAppender(appender);
    Level quiet = lowest.isGreaterOrEqual(Level.WARN) ? lowest : Level.WARN;
    QUIET_LIBRARIES.forEach(library -> context.getLogger(library).setLevel(quiet));
  }

  /// Some libraries log through `java.util.logging`.
  private static void bridgeJdkLogging() {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }

  private static LogLayout layoutNamed(String format, boolean terminal) {
    return switch (format) {
      case "json" -> new JsonLayout();
      case "text" -> new TextLayout();
      case "auto" -> terminal ? new TextLayout() : new JsonLayout();
      default ->
          throw new UsageException("logFormat must be json, text or auto, not '" + format + "'");
    };
  }

  private static Level levelNamed(String level) {
    return switch (level.toLowerCase(Locale.ROOT)) {
      case "error" -> Level.ERROR;
      case "warn" -> Level.WARN;
      case "info" -> Level.INFO;
      case "debug" -> Level.DEBUG;
      default ->
          throw new UsageException(
              "logLevel must be error, warn, info or debug, not '" + level + "'");
    };
  }
}
