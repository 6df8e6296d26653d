// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/// What all layouts read from an event.
final class LogFields {
  private LogFields() {}

  /// The key-values in the order of the call. `error` describes the exception, unless the call sets
  /// it.
  static SequencedMap<String, Object> of(ILoggingEvent event) {
    SequencedMap<String, Object> fields = new LinkedHashMap<>();
    for (KeyValuePair pair : pairs(event)) {
      fields.put(pair.key, value(pair.value));
    }
    Optional.ofNullable(event.getThrowableProxy())
        .ifPresent(thrown -> fields.putIfAbsent("error", text(thrown)));
    return fields;
  }

  /// The stack trace of the exception, if the event has one.
  static Optional<String> stackTrace(ILoggingEvent event) {
    return Optional.ofNullable(event.getThrowableProxy()).map(ThrowableProxyUtil::asString);
  }

  static String level(ILoggingEvent event) {
    return event.getLevel().toString().toLowerCase(Locale.ROOT);
  }

  private static List<KeyValuePair> pairs(ILoggingEvent event) {
    return Optional.ofNullable(event.getKeyValuePairs()).orElse(List.of());
  }

  /// Numbers, truth values and lists keep their type in JSON; anything else is text.
  private static Object value(@Nullable Object value) {
    return switch (value) {
      case Number number -> number;
      case Boolean flag -> flag;
      case Collection<?> list -> list.stream().map(LogFields::value).toList();
      case null, default -> String.valueOf(value);
    };
  }

  private static String text(IThrowableProxy thrown) {
    String message = thrown.getMessage();
    return message == null ? thrown.getClassName() : thrown.getClassName() + ": " + message;
  }
}
