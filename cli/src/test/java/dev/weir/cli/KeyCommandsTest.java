// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static dev.weir.client.FakeControl.json;
import static dev.weir.client.FakeControl.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.FakeControl;
import dev.weir.client.IssuedKey;
import dev.weir.model.ApiKey;
import dev.weir.model.Resources;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.Manifests;
import dev.weir.model.spec.ApiKeySpec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class KeyCommandsTest {
  private static final String KEY = FleetFixture.SPACE + "apikeys/ci";
  private static final String SECRET = "weir_0123456789abcdef";

  private final CliFixture shell = new CliFixture();
  private final FakeControl control = shell.control;

  @AfterEach
  void close() {
    shell.close();
  }

  private static ApiKey key(boolean revoked) {
    ApiKeySpec spec =
        new ApiKeySpec(
            "ci", Resources.DIGEST, "weir_01", Optional.empty(), List.of(), false, revoked);
    return CliFixture.stored(Resources.apiKey("ci", "ci").withSpec(spec), 5);
  }

  private void issues() {
    control.on("POST " + KEY + "/issue", json(Json.write(new IssuedKey(SECRET, key(false)))));
  }

  @Test
  void the_secret_is_the_only_text_on_standard_output() {
    issues();
    var ended = shell.run("key", "create", "ci");
    assertThat(ended.status()).isZero();
    assertThat(ended.out()).isEqualTo(SECRET + "\n");
    assertThat(ended.err()).isEqualTo("ApiKey/default/ci created; the key is shown only once:\n");
  }

  @Test
  void a_key_of_an_unknown_principal_needs_a_role() {
    control.on(
        "POST " + KEY + "/issue",
        problem(
            422,
            "\"errors\":[{\"path\":\"spec.principal\",\"value\":\"ci\",\"message\":\"there is no Principal/ci\"}]"));
    var ended = shell.run("key", "create", "ci");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err())
        .startsWith("weir: there is no principal ci: add `--role ROLE`")
        .contains("--principal");
  }

  private void stored(Optional<Instant> expiresAt) {
    ApiKeySpec spec =
        new ApiKeySpec("ada", Resources.DIGEST, "weir_01", expiresAt, List.of("chat"), true, false);
    control.on(
        "GET " + KEY,
        json(Manifests.toJson(CliFixture.stored(Resources.apiKey("ci", "ada").withSpec(spec), 5))));
  }

  @Test
  void a_rotation_creates_a_successor_with_the_same_rights() {
    stored(Optional.empty());
    control.on("GET " + KEY + "-2", json(Manifests.toJson(key(false))));
    control.on("POST " + KEY + "-3/issue", json(Json.write(new IssuedKey(SECRET, key(false)))));
    var ended = shell.run("key", "rotate", "ci", "--expires", "30d");
    assertThat(ended.status()).isZero();
    assertThat(ended.out()).isEqualTo(SECRET + "\n");
    assertThat(ended.err())
        .endsWith(
            "next: give the new key to the clients of ci, then run `weir key revoke ci -n"
                + " default`\n");
    JsonNode sent = JsonMapper.shared().readTree(control.last().body());
    assertThat(sent.path("principal").stringValue()).isEqualTo("ada");
    assertThat(sent.path("models").toString()).isEqualTo("[\"chat\"]");
    assertThat(sent.path("pinVersion").booleanValue()).isTrue();
    assertThat(sent.path("expiresAt").stringValue()).startsWith("2026-01-31");
  }

  @Test
  void the_successor_of_an_expired_key_needs_a_lifetime() {
    stored(Optional.of(CliFixture.NOW.minusSeconds(60)));
    var ended = shell.run("key", "rotate", "ci");
    assertThat(ended.status()).isEqualTo(64);
    assertThat(ended.err()).contains("key ci expired at").contains("--expires");
    assertThat(control.requests()).noneMatch(request -> request.method().equals("POST"));
  }

  @Test
  void a_name_that_exists_names_the_rotation() {
    stored(Optional.empty());
    control.on(
        "POST " + KEY + "/issue",
        problem(409, "\"detail\": \"ApiKey/default/ci exists, with revision 5\""));
    assertThat(shell.run("key", "create", "ci").err())
        .isEqualTo(
            "weir: key ci exists in namespace default, perhaps revoked: `weir key rotate ci -n"
                + " default` creates a successor\n");
  }

  @Test
  void the_json_output_has_the_secret_once_beside_its_resource() {
    issues();
    var ended = shell.run("key", "create", "ci", "-o", "json");
    JsonNode document = JsonMapper.shared().readTree(ended.out());
    assertThat(document.path("key").stringValue()).isEqualTo(SECRET);
    assertThat(document.at("/resource/metadata/name").stringValue()).isEqualTo("ci");
    assertThat(ended.out()).containsOnlyOnce(SECRET);
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void all_options_are_sent() {
    issues();
    shell.run(
        "key",
        "create",
        "ci",
        "--principal",
        "ada",
        "--role",
        "deployer",
        "--models",
        "a,b",
        "--pin-version",
        "--expires",
        "30d",
        "--requests-per-minute",
        "60",
        "--tokens-per-minute",
        "9000",
        "--max-in-flight",
        "4",
        "--priority",
        "low",
        "--reason",
        "CI");
    JsonNode sent = JsonMapper.shared().readTree(control.last().body());
    assertThat(sent)
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    """
                    {"principal":"ada","role":"deployer","models":["a","b"],"pinVersion":true,
                     "expiresAt":"2026-01-31T00:10:00Z",
                     "limits":{"requestsPerMinute":60,"tokensPerMinute":9000,"maxInFlight":4},
                     "priority":"low"}
                    """));
    assertThat(control.last().query()).isEqualTo("reason=CI");
  }

  @Test
  void a_refusal_prints_no_key() {
    control.on(
        "POST " + KEY + "/issue",
        problem(403, "\"title\":\"No\",\"detail\":\"ci may not make keys in default\""));
    var ended = shell.run("key", "create", "ci");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).isEqualTo("weir: ci may not make keys in default\n");
  }

  @Test
  void a_revoked_key_is_reported_and_shown_as_revoked() {
    control.on(
        "POST " + KEY + "/revoke",
        json(
            """
            {"resource":%s,"acknowledged":["gw-1","gw-2"],
             "unacknowledged":[{"gateway":"gw-3","reason":"not heard from since noon"}]}\
            """
                .formatted(Manifests.toJson(key(true)))));
    control.on("GET " + FleetFixture.SPACE + "apikeys", CliFixture.items(6, key(true)));
    var ended = shell.run("key", "revoke", "ci", "--reason", "leaked");
    assertThat(ended.out()).isEqualTo("ApiKey/default/ci revoked, acknowledged by gw-1, gw-2\n");
    assertThat(ended.status()).isZero();
    assertThat(ended.err())
        .isEqualTo("warning: gateway gw-3 may still accept the key: not heard from since noon\n");
    assertThat(control.last().query()).isEqualTo("reason=leaked");
    assertThat(shell.run("get", "apikeys").out())
        .isEqualTo(
            """
            NAME  PRINCIPAL  KEY         MODELS  EXPIRES  STATE    AGE
            ci    ci         weir_01...  all     never    revoked  10m
            """);
  }
}
