// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.weir.server.configuration.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.logging.LogManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LogsTest {
  private static final Logger LOG = LoggerFactory.getLogger("dev.weir.test");

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(written, true, UTF_8);

  @AfterEach
  void restore() throws IOException {
    LogManager.getLogManager().readConfiguration();
  }

  @Test
  void each_record_is_one_line_of_json_with_fixed_keys() {
    Logs.install("json", "info", err, true);
    LOG.info("started port={}", 8080);
    JsonNode line = only();
    assertThat(line.propertyNames()).containsExactly("at", "level", "logger", "message");
    assertThat(line.path("level").asString()).isEqualTo("info");
    assertThat(line.path("logger").asString()).isEqualTo("dev.weir.test");
    assertThat(line.path("message").asString()).isEqualTo("started port=8080");
  }

  @Test
  void every_character_survives_the_way_through_json() {
    var text = new StringBuilder("\"quoted\" back\\slash {0} \u00e9 \u4e16 \ud83d\ude00 \u2028");
    for (char control = 0; control < 0x20; control++) {
      text.append(control);
    }
    Logs.install("json", "info", err, true);
    LOG.info("{}", text);
    assertThat(only().path("message").asString()).isEqualTo(text.toString());
  }

  @Test
  void a_stack_trace_is_a_field_and_not_more_lines() {
    Logs.install("json", "info", err, true);
    LOG.error("broken", new IllegalStateException("why\n\tnot"));
    assertThat(only().path("error").asString())
        .startsWith("java.lang.IllegalStateException: why\n\tnot")
        .contains("LogsTest");
  }

  @Test
  void what_is_below_the_level_is_left_out() {
    Logs.install("json", "warn", err, true);
    LOG.info("quiet");
    LOG.warn("loud");
    assertThat(only().path("level").asString()).isEqualTo("warn");
  }

  @Test
  void auto_means_text_on_a_terminal_and_json_elsewhere() {
    Logs.install("auto", "debug", err, true);
    LOG.debug("to a person");
    assertThat(lines()).singleElement().asString().endsWith("debug to a person");
    written.reset();
    Logs.install("auto", "debug", err, false);
    LOG.debug("to a machine");
    assertThat(only().path("message").asString()).isEqualTo("to a machine");
  }

  @Test
  void an_unknown_format_or_level_is_named() {
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> Logs.install("xml", "info", err, true))
        .withMessageContaining("'xml'");
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> Logs.install("json", "loud", err, true))
        .withMessageContaining("'loud'");
  }

  private JsonNode only() {
    assertThat(lines()).hasSize(1);
    return JsonMapper.shared().readTree(lines().getFirst());
  }

  private List<String> lines() {
    return List.of(written.toString(UTF_8).split("\n"));
  }
}
