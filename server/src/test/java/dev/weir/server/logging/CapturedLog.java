// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/// Captures the events of a logger and of all loggers below it until it is closed.
public final class CapturedLog implements AutoCloseable {
  private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();
  private final Appender appender = new Appender();
  private final Logger logger;

  public CapturedLog(String name) {
    logger = (Logger) LoggerFactory.getLogger(name);
    appender.setContext(logger.getLoggerContext());
    appender.start();
    logger.addAppender(appender);
  }

  private final class Appender extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      events.add(event);
    }
  }

  /// The lines of an event, in the order of the log.
  public List<String> lines(String event) {
    return events.stream()
        .filter(logged -> event.equals(LogFields.of(logged).get("event")))
        .map(new TextLayout()::format)
        .toList();
  }

  /// The lines of warnings and errors.
  public List<String> warnings() {
    return events.stream()
        .filter(logged -> logged.getLevel().isGreaterOrEqual(Level.WARN))
        .map(new TextLayout()::format)
        .toList();
  }

  @Override
  public void close() {
    boolean _ = logger.detachAppender(appender);
  }
}
