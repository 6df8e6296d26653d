// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
  @TempDir Path folder;

  @Test
  void without_layers_every_setting_has_its_default() {
    Configuration configuration = Configuration.load(Optional.empty(), Map.of(), Map.of());
    for (Setting setting : Setting.values()) {
      assertThat(configuration.text(setting)).isEqualTo(setting.fallback());
    }
    assertThat(configuration.address(Setting.GATEWAY)).hasToString("127.0.0.1:8080");
    assertThat(configuration.flag(Setting.KEEP_REPLICAS)).isFalse();
  }

  @Test
  void a_flag_beats_the_environment_beats_the_file_beats_the_default() throws IOException {
    Path file = file("{logLevel: warn, logFormat: json, store: a, keepReplicas: true}");
    Configuration configuration =
        Configuration.load(
            Optional.of(file),
            Map.of("WEIR_LOG_LEVEL", "error", "WEIR_LOG_FORMAT", "text", "WEIR_OTHER", "x"),
            Map.of(Setting.LOG_LEVEL, "debug"));
    assertThat(configuration.text(Setting.LOG_LEVEL)).isEqualTo("debug");
    assertThat(configuration.text(Setting.LOG_FORMAT)).isEqualTo("text");
    assertThat(configuration.text(Setting.STORE)).isEqualTo("a");
    assertThat(configuration.flag(Setting.KEEP_REPLICAS)).isTrue();
    assertThat(configuration.text(Setting.GATEWAY)).isEqualTo(Setting.GATEWAY.fallback());
  }

  @Test
  void the_effective_settings_say_where_each_came_from() throws IOException {
    String effective =
        Configuration.load(
                Optional.of(file("{store: sqlite}")),
                Map.of("WEIR_DATA", "/d"),
                Map.of(Setting.LOG_LEVEL, "debug"))
            .effective();
    assertThat(effective)
        .contains("store: \"sqlite\"   # file: ")
        .contains("data: \"/d\"   # environment: ")
        .contains("logLevel: \"debug\"   # flag: ")
        .contains("gatewayId: \"\"   # default: ");
    assertThat(effective.lines()).hasSize(Setting.values().length);
  }

  @Test
  void the_effective_settings_can_be_read_back_as_a_file() throws IOException {
    Configuration first =
        Configuration.load(Optional.empty(), Map.of(), Map.of(Setting.LOG_LEVEL, "debug"));
    Configuration again =
        Configuration.load(Optional.of(file(first.effective())), Map.of(), Map.of());
    for (Setting setting : Setting.values()) {
      assertThat(again.text(setting)).isEqualTo(first.text(setting));
    }
  }

  @Test
  void unknown_keys_are_refused_all_at_once() throws IOException {
    Path file = file("{logLevel: warn, colour: red, Data: x}");
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> Configuration.load(Optional.of(file), Map.of(), Map.of()))
        .withMessageContaining("[colour, Data]")
        .withMessageContaining("known are [data, ");
  }

  @Test
  void a_file_that_is_missing_or_no_map_is_named() throws IOException {
    Path missing = folder.resolve("none.yaml");
    Path list = file("[1, 2]");
    for (Path file : new Path[] {missing, list, twice()}) {
      assertThatExceptionOfType(UsageException.class)
          .isThrownBy(() -> Configuration.load(Optional.of(file), Map.of(), Map.of()))
          .withMessageContaining(file.toString());
    }
  }

  @Test
  void a_file_without_values_sets_nothing() throws IOException {
    for (String text : List.of("", "# nothing yet\n", "---\n", "store:\n", "{}")) {
      Configuration configuration = Configuration.load(Optional.of(file(text)), Map.of(), Map.of());
      assertThat(configuration.text(Setting.STORE)).isEqualTo(Setting.STORE.fallback());
    }
  }

  @Test
  void plain_text_beyond_loopback_must_be_said() {
    Map<Setting, String> everywhere = Map.of(Setting.GATEWAY, "0.0.0.0:8080");
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() ->
            Configuration.load(Optional.empty(), Map.of(), everywhere).address(Setting.GATEWAY))
        .withMessageContaining("plaintextBeyondLoopback: true");
    Configuration said =
        Configuration.load(
            Optional.empty(), Map.of("WEIR_PLAINTEXT_BEYOND_LOOPBACK", "true"), everywhere);
    assertThat(said.address(Setting.GATEWAY)).hasToString("0.0.0.0:8080");
    Configuration loopback =
        Configuration.load(Optional.empty(), Map.of(), Map.of(Setting.GATEWAY, "[::1]:0"));
    assertThat(loopback.address(Setting.GATEWAY).loopback()).isTrue();
  }

  @Test
  void a_switch_is_true_or_false() {
    Configuration configuration =
        Configuration.load(Optional.empty(), Map.of(), Map.of(Setting.KEEP_REPLICAS, "yes"));
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> configuration.flag(Setting.KEEP_REPLICAS))
        .withMessage("keepReplicas is true or false, not 'yes'");
  }

  private Path twice() throws IOException {
    return Files.writeString(folder.resolve("twice.yaml"), "data: a\ndata: b\n");
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("weir.yaml"), text);
  }
}
