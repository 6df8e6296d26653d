// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.server.LinkSettings;
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
    Path file = file("{logLevel: warn, logFormat: json, gatewayId: a, keepReplicas: true}");
    Configuration configuration =
        Configuration.load(
            Optional.of(file),
            Map.of("WEIR_LOG_LEVEL", "error", "WEIR_LOG_FORMAT", "text", "WEIR_OTHER", "x"),
            Map.of(Setting.LOG_LEVEL, "debug"));
    assertThat(configuration.text(Setting.LOG_LEVEL)).isEqualTo("debug");
    assertThat(configuration.text(Setting.LOG_FORMAT)).isEqualTo("text");
    assertThat(configuration.text(Setting.GATEWAY_ID)).isEqualTo("a");
    assertThat(configuration.flag(Setting.KEEP_REPLICAS)).isTrue();
    assertThat(configuration.text(Setting.GATEWAY)).isEqualTo(Setting.GATEWAY.fallback());
  }

  @Test
  void the_effective_settings_name_the_source_of_each_value() throws IOException {
    String effective =
        Configuration.lines(
            Configuration.load(
                    Optional.of(file("{store: sqlite}")),
                    Map.of("WEIR_DATA", "/d"),
                    Map.of(Setting.LOG_LEVEL, "debug"))
                .settings());
    assertThat(effective)
        .contains("store: \"sqlite\"   # file " + folder.resolve("weir.yaml") + ": ")
        .contains("data: \"/d\"   # environment WEIR_DATA: ")
        .contains("logLevel: \"debug\"   # flag: ")
        .contains("gatewayId: \"\"   # default: ");
    assertThat(effective.lines()).hasSize(Setting.values().length);
  }

  @Test
  void the_effective_settings_can_be_read_back_as_a_file() throws IOException {
    Configuration first =
        Configuration.load(Optional.empty(), Map.of(), Map.of(Setting.LOG_LEVEL, "debug"));
    Configuration again =
        Configuration.load(
            Optional.of(file(Configuration.lines(first.settings()))), Map.of(), Map.of());
    for (Setting setting : Setting.values()) {
      assertThat(again.text(setting)).isEqualTo(first.text(setting));
    }
  }

  @Test
  void a_control_url_with_a_password_is_refused_without_it() {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() ->
            Configuration.load(
                Optional.empty(),
                Map.of(),
                Map.of(Setting.CONTROL_URL, "https://weir:s3cret@control:9090")))
        .withMessageContaining("controlUrl must not contain a user or password")
        .withMessageNotContaining("s3cret");
  }

  @Test
  void allowed_origins_are_origins_and_nothing_more() {
    assertThat(Setting.GATEWAY_ALLOWED_ORIGINS.problem("")).isEmpty();
    assertThat(Setting.GATEWAY_ALLOWED_ORIGINS.problem("*")).isEmpty();
    assertThat(
            Setting.GATEWAY_ALLOWED_ORIGINS.problem("https://app.example, http://localhost:3000"))
        .isEmpty();
    for (String invalid :
        List.of("app.example", "https://app.example/", "https://*.example", "a,,b")) {
      assertThat(Setting.GATEWAY_ALLOWED_ORIGINS.problem(invalid)).as(invalid).isPresent();
    }
  }

  @Test
  void unknown_keys_are_refused_all_at_once() throws IOException {
    Path file = file("{logLevel: warn, colour: red, Data: x}");
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> Configuration.load(Optional.of(file), Map.of(), Map.of()))
        .withMessageContaining("an unknown key 'colour'; known keys: data, ")
        .withMessageContaining("an unknown key 'Data'; did you mean `data`?");
  }

  @Test
  void a_file_that_is_missing_or_not_a_map_is_named() throws IOException {
    Path missing = folder.resolve("none.yaml");
    Path list = file("[1, 2]");
    for (Path file : new Path[] {missing, list, duplicateKey()}) {
      assertThatExceptionOfType(ConfigurationException.class)
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
  void plain_text_beyond_loopback_must_be_enabled() {
    Map<Setting, String> everywhere = Map.of(Setting.GATEWAY, "0.0.0.0:8080");
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> Configuration.load(Optional.empty(), Map.of(), everywhere))
        .withMessageContaining("plaintextBeyondLoopback: true");
    Configuration enabled =
        Configuration.load(
            Optional.empty(), Map.of("WEIR_PLAINTEXT_BEYOND_LOOPBACK", "true"), everywhere);
    assertThat(enabled.address(Setting.GATEWAY)).hasToString("0.0.0.0:8080");
    Configuration loopback =
        Configuration.load(Optional.empty(), Map.of(), Map.of(Setting.GATEWAY, "[::1]:0"));
    assertThat(loopback.address(Setting.GATEWAY).loopback()).isTrue();
  }

  @Test
  void with_a_certificate_weir_may_listen_on_every_address() {
    Map<Setting, String> secured =
        Map.of(
            Setting.GATEWAY, "0.0.0.0:8080",
            Setting.GATEWAY_CERT, "a.crt",
            Setting.GATEWAY_CERT_KEY, "a.key");
    Configuration configuration = Configuration.load(Optional.empty(), Map.of(), secured);
    assertThat(configuration.tls(Setting.GATEWAY)).isPresent();
    assertThat(configuration.tls(Setting.CONTROL)).isEmpty();
  }

  @Test
  void a_certificate_without_its_key_is_refused() {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() ->
            Configuration.load(Optional.empty(), Map.of("WEIR_CONTROL_CERT", "a.crt"), Map.of()))
        .withMessage("set both controlCert and controlCertKey: one of them is missing");
  }

  @Test
  void all_invalid_values_are_reported_at_once_with_their_sources() throws IOException {
    Path file = file("{keepReplicas: yes please, colour: red}");
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() ->
            Configuration.load(
                Optional.of(file),
                Map.of("WEIR_LOG_LEVEL", "loud", "WEIR_GATEWY", "127.0.0.1:1"),
                Map.of(Setting.GATEWAY, "8080", Setting.CONTROL_URL, "control:9090")))
        .withMessageContainingAll(
            "keepReplicas must be true or false, not 'yes please' (from file " + file + ")",
            "unknown key 'colour'",
            "logLevel must be error or warn or info or debug, not 'loud' (from environment"
                + " WEIR_LOG_LEVEL)",
            "unknown variable WEIR_GATEWY; did you mean WEIR_GATEWAY?",
            "not '8080' (from flag)",
            "controlUrl must be a URL")
        .satisfies(e -> assertThat(e.getExitCode()).isEqualTo(64));
  }

  @Test
  void a_key_instead_of_its_reference_is_refused_and_not_printed() {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() ->
            Configuration.load(
                Optional.empty(), Map.of(), Map.of(Setting.GATEWAY_KEY, "weir_secret")))
        .withMessage(
            "gatewayKey must be a reference, file:PATH or env:NAME, not the key itself (from flag)");
  }

  @Test
  void a_variable_that_matches_no_setting_is_only_named() {
    Map<String, String> environment = Map.of("WEIR_ENGINE_TOKEN", "x", "WEIR_KEY", "y");
    assertThat(EnvironmentVariables.misspelt(environment)).isEmpty();
    assertThat(EnvironmentVariables.unrecognised(environment)).containsExactly("WEIR_ENGINE_TOKEN");
  }

  @Test
  void all_missing_settings_of_the_link_are_reported() {
    Configuration configuration =
        Configuration.load(
            Optional.empty(),
            Map.of(),
            Map.of(Setting.GATEWAY_KEY, "file:/nope", Setting.CA, folder.resolve("ca").toString()));
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> LinkSettings.of(configuration, Map.of()))
        .withMessageContainingAll(
            "controlUrl is missing",
            "cannot read the key from /nope: no such file",
            "CA file " + folder.resolve("ca") + " does not exist");
  }

  @Test
  void a_file_that_is_not_a_map_is_reported_by_its_path_and_never_quoted() throws IOException {
    for (String wrong : List.of("[S3cret, \"", "S3cret", "S3cret: x\nS3cret: y")) {
      Path file = file(wrong);
      assertThatThrownBy(() -> Configuration.load(Optional.of(file), Map.of(), Map.of()))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining(file + " is not a YAML map of keys and values")
          .hasMessageNotContaining("S3cret");
    }
  }

  private Path duplicateKey() throws IOException {
    return Files.writeString(folder.resolve("twice.yaml"), "data: a\ndata: b\n");
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("weir.yaml"), text);
  }
}
