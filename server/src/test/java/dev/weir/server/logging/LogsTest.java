// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.weir.server.configuration.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LogsTest {
  private static final Logger LOG = LoggerFactory.getLogger("dev.weir.test.Part");

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(written, true, UTF_8);

  @AfterEach
  void restore() {
    Logs.install("text", "info", System.err, true);
  }

  @Test
  void an_event_is_one_json_object_with_its_keys() {
    Logs.install("json", "info", err, true);
    LOG.atInfo()
        .addKeyValue("event", "part.started")
        .addKeyValue("port", 8080)
        .addKeyValue("ready", true)
        .addKeyValue("problems", List.of("a b", "c"))
        .log("The part runs");
    JsonNode line = only();
    assertThat(line.propertyNames())
        .containsExactly("at", "level", "logger", "event", "port", "ready", "problems", "message");
    assertThat(line.path("level").asString()).isEqualTo("info");
    assertThat(line.path("logger").asString()).isEqualTo("dev.weir.test.Part");
    assertThat(line.path("event").asString()).isEqualTo("part.started");
    assertThat(line.path("port").asInt()).isEqualTo(8080);
    assertThat(line.path("ready").asBoolean()).isTrue();
    assertThat(line.path("problems").get(1).asString()).isEqualTo("c");
    assertThat(line.path("message").asString()).isEqualTo("The part runs");
  }

  @Test
  void an_event_is_one_line_of_text_with_its_keys() {
    Logs.install("text", "info", err, true);
    LOG.atWarn()
        .addKeyValue("event", "part.busy")
        .addKeyValue("calls", 4)
        .addKeyValue("reason", "two words")
        .log("The part is busy");
    assertThat(line())
        .matches(
            "\\d\\d:\\d\\d:\\d\\d warn  Part event=part.busy calls=4 reason=\"two words\""
                + " message=\"The part is busy\"");
  }

  @Test
  void any_value_stays_on_the_line_of_its_event() {
    Logs.install("text", "info", err, true);
    LOG.atInfo()
        .addKeyValue("event", "part.failed")
        .addKeyValue("error", "say \"a=b\" \\ \r\n\t\u001b[31m \u2028 \u00e9")
        .addKeyValue("name", "")
        .addKeyValue("key", "a=b")
        .addKeyValue("file", (Object) null)
        .log("line\nbreak");
    assertThat(line())
        .endsWith(
            " error=\"say \\\"a=b\\\" \\\\ \\r\\n\\t\\u001b[31m \\u2028 \u00e9\" name=\"\""
                + " key=\"a=b\" file=null message=\"line\\nbreak\"");
  }

  @Test
  void json_keeps_every_character() {
    var text = new StringBuilder("\"quoted\" back\\slash {0} \u00e9 \u4e16 \ud83d\ude00 \u2028");
    for (char control = 0; control < 0x20; control++) {
      text.append(control);
    }
    Logs.install("json", "info", err, true);
    LOG.atInfo().addKeyValue("error", text).log("{}", text);
    assertThat(only().path("error").asString()).isEqualTo(text.toString());
    assertThat(only().path("message").asString()).isEqualTo(text.toString());
  }

  @Test
  void a_stack_trace_is_a_field_of_the_json_object() {
    Logs.install("json", "info", err, true);
    LOG.atError().setCause(new IllegalStateException("why\n\tnot")).log("broken");
    assertThat(only().path("error").asString())
        .isEqualTo("java.lang.IllegalStateException: why\n\tnot");
    assertThat(only().path("stack_trace").asString())
        .startsWith("java.lang.IllegalStateException: why\n\tnot")
        .contains("LogsTest");
  }

  @Test
  void a_stack_trace_follows_the_line_of_text() {
    Logs.install("text", "info", err, true);
    LOG.atError().setCause(new IllegalStateException("why")).log("broken");
    assertThat(lines().getFirst())
        .endsWith(" error=\"java.lang.IllegalStateException: why\" message=\"broken\"");
    assertThat(lines().get(1)).isEqualTo("java.lang.IllegalStateException: why");
    assertThat(lines().get(2)).contains("LogsTest");
  }

  @Test
  void events_below_the_level_are_left_out() {
    Logs.install("json", "warn", err, true);
    LOG.info("quiet");
    LOG.warn("loud");
    assertThat(only().path("level").asString()).isEqualTo("warn");
  }

  @Test
  void libraries_log_warnings_unless_the_level_is_higher() {
    Logger library = LoggerFactory.getLogger("io.netty.channel.Channel");
    Logs.install("json", "debug", err, true);
    library.info("quiet");
    library.warn("loud");
    assertThat(only().path("level").asString()).isEqualTo("warn");
    written.reset();
    Logs.install("json", "error", err, true);
    library.warn("quiet");
    assertThat(written.size()).isZero();
  }

  @Test
  void libraries_that_log_through_the_jdk_appear_too() {
    Logs.install("json", "info", err, true);
    java.util.logging.Logger.getLogger("some.library").warning("from the JDK");
    assertThat(only().path("logger").asString()).isEqualTo("some.library");
    assertThat(only().path("message").asString()).isEqualTo("from the JDK");
  }

  @Test
  void auto_means_text_on_a_terminal_and_json_elsewhere() {
    Logs.install("auto", "debug", err, true);
    LOG.debug("to a person");
    assertThat(line()).endsWith("message=\"to a person\"");
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
    return JsonMapper.shared().readTree(line());
  }

  private String line() {
    assertThat(lines()).hasSize(1);
    return lines().getFirst();
  }

  private List<String> lines() {
    return Arrays.asList(written.toString(UTF_8).split("\n"));
  }
}
