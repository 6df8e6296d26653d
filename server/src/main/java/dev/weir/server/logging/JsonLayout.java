// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// One JSON object: `at`, `level`, `logger`, the key-values, `message`, and `stack_trace` of an
/// exception.
final class JsonLayout implements LogLayout {
  private static final JsonMapper JSON = JsonMapper.shared();

  @Override
  public String format(ILoggingEvent event) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("at", event.getInstant().toString());
    line.put("level", LogFields.level(event));
    line.put("logger", event.getLoggerName());
    line.putAll(LogFields.of(event));
    line.put("message", String.valueOf(event.getFormattedMessage()));
    LogFields.stackTrace(event).ifPresent(trace -> line.put("stack_trace", trace));
    return JSON.writeValueAsString(line);
  }
}
