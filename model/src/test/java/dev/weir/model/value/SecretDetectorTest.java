// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.ModelVersion;
import dev.weir.model.Resources;
import dev.weir.model.check.ResourceChecks;
import dev.weir.model.codec.Manifests;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretDetectorTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HF_TOKEN", "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "apiKey", "password", "DB_PASSWD",
        "--api-key", "--hf-token", "clientSecret", "credentials", "Authorization", "token"
      })
  void a_secret_is_known_by_its_name(String name) {
    assertThat(SecretDetector.isSecretName(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "firstToken",
        "firstTokenTimeout",
        "MAX_NUM_TOKENS",
        "max-token",
        "TOKENIZERS_PARALLELISM",
        "eos_token",
        "key",
        "keys",
        "apikeys",
        "HF_TOKEN_PATH",
        "--api-key-file",
        "secretName",
        "CUDA_VISIBLE_DEVICES",
        "",
        "-",
        "keep"
      })
  void other_names_are_none(String name) {
    assertThat(SecretDetector.isSecretName(name)).isFalse();
  }

  @Test
  void passwords_and_tokens_in_urls_are_hidden_and_nothing_else_is() {
    assertThat(SecretDetector.redact("spec.source.uri", "https://ada:hunter2@example.com/m?x=1"))
        .isEqualTo("https://ada:***@example.com/m?x=1");
    assertThat(SecretDetector.redact("", "see https://example.com/m?token=abc&part=2"))
        .isEqualTo("see https://example.com/m?token=***&part=2");
    assertThat(SecretDetector.redact("", "https://ada:hunter2-and-then-it-was-cu..."))
        .isEqualTo("https://ada:***...");
    for (String harmless :
        List.of("http://127.0.0.1:8000", "ssh://git@example.com:22/m", "a@b:c", "chat@2", "?a=b")) {
      assertThat(SecretDetector.redact("", harmless)).isEqualTo(harmless);
      assertThat(SecretDetector.inUrl(harmless)).isFalse();
    }
  }

  @Test
  void a_problem_repeats_no_secret() {
    assertThat(new Problem("spec.password", "hunter2", "unknown field").toString())
        .isEqualTo("spec.password = (not shown): unknown field");
    assertThat(new Problem("spec.engine.env.HF_TOKEN", "env:HF", "no").value()).isEqualTo("env:HF");
    assertThat(new Problem("spec.engine.command", "/bin/x --api-key hunter2 -v", "no").value())
        .isEqualTo("/bin/x --api-key *** -v");
    assertThat(new Problem("spec.traffic.timeouts.firstToken", "1y", "no").value()).isEqualTo("1y");
    assertThat(new Problem("secrets.yaml: spec.owner", "ada", "no").value()).isEqualTo("ada");
    List<Problem> problems =
        Manifests.read(
                """
                apiVersion: weir.dev/v1
                kind: Model
                metadata: {name: a, labels: {token: 4711}}
                spec: {owner: a, password: hunter2, auth: {clientSecret: hunter2}}
                """)
            .problems();
    assertThat(problems).hasSize(3);
    assertThat(problems.toString()).doesNotContain("hunter2").doesNotContain("4711");
  }

  @Test
  void secrets_come_by_reference_only() {
    List<String> problems =
        ResourceChecks.of(
                version(
                    List.of("--api-key", "hunter2", "--hf-token=hunter2", "--api-key"),
                    Map.of(
                        "HF_TOKEN",
                        "hunter2",
                        "HTTP_PROXY",
                        "http://ada:hunter2@proxy:3128",
                        "MAX_TOKENS",
                        "5")))
            .stream()
            .map(Problem::toString)
            .toList();
    assertThat(problems).hasSize(4);
    assertThat(problems.toString())
        .contains(
            "spec.engine.env.HF_TOKEN = (not shown): looks like a secret",
            "spec.engine.env.HTTP_PROXY = http://ada:***@proxy:3128: looks like a secret",
            "spec.engine.args[0] = --api-key: looks like a secret on a command line",
            "spec.engine.args[2] = --hf-token: looks like a secret on a command line")
        .doesNotContain("hunter2");
    assertThat(
            ResourceChecks.of(
                version(
                    List.of("--api-key-file", "/etc/key", "--max-tokens", "5"),
                    Map.of("HF_TOKEN", "env:HF_TOKEN", "API_KEY", "file:/run/key", "TOKEN", ""))))
        .isEmpty();
  }

  @Test
  void a_source_has_no_password() {
    String bad =
        """
        apiVersion: weir.dev/v1
        kind: ModelVersion
        metadata: {name: chat-2}
        spec:
          model: chat
          version: "2"
          engine: {type: sim}
          source: {uri: "https://ada:hunter2@example.com/m"}
        """;
    assertThat(Manifests.read(bad).problems().toString())
        .contains("spec.source.uri = https://ada:***@example.com/m: must be without a password")
        .doesNotContain("hunter2");
  }

  private static ModelVersion version(List<String> args, Map<String, String> env) {
    return Resources.version(
        "chat", "2", new EngineSpec(EngineType.SIM, List.of(), args, Optional.empty(), env));
  }
}
