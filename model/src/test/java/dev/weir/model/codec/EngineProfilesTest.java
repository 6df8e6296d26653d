// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.ModelVersion;
import dev.weir.model.engine.BuiltInEngines;
import dev.weir.model.engine.EngineApi;
import dev.weir.model.engine.EngineLoadMetric;
import dev.weir.model.engine.EngineMetric;
import dev.weir.model.engine.EngineProfile;
import dev.weir.model.engine.ResumeMethod;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.value.GeneratedTraffic.ProbeApi;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineProfilesTest {
  private static EngineProfile builtIn(String name) {
    return EngineProfiles.of(new EngineType(name));
  }

  private static ParsedManifests parse(String engine) {
    return Manifests.read(
        """
        apiVersion: weir.dev/v1
        kind: ModelVersion
        metadata: {name: chat-2}
        spec:
          model: chat
          version: "2"
          engine: %s
        """
            .formatted(engine));
  }

  private static EngineSpec read(String engine) {
    ParsedManifests parsed = parse(engine);
    assertThat(parsed.problems()).isEmpty();
    return ((ModelVersion) parsed.resources().getFirst()).spec().engine();
  }

  private static List<String> problems(String engine) {
    return parse(engine).problems().stream().map(Object::toString).toList();
  }

  @Test
  void the_file_of_built_in_engines_is_valid_and_has_the_names_of_all_releases() {
    assertThat(BuiltInEngines.names())
        .contains("vllm", "sglang", "llamacpp", "ollama", "openai", "sim");
    for (String name : BuiltInEngines.names()) {
      assertThat(builtIn(name).apis()).as(name).contains(EngineApi.CHAT_COMPLETIONS);
    }
    assertThat(builtIn("sim")).isEqualTo(builtIn("vllm"));
  }

  @Test
  void an_engine_without_a_profile_has_no_capability_that_an_engine_may_lack() {
    EngineProfile unknown = EngineProfiles.of(read("{type: own, profile: {}}"));
    assertThat(unknown.resume()).containsExactly(ResumeMethod.COMPLETION_TEXT);
    assertThat(unknown.apis()).doesNotContain(EngineApi.SCORE, EngineApi.TOKENIZE);
    assertThat(unknown.metrics()).isEmpty();
    assertThat(unknown.healthPath()).isEqualTo("/v1/models");
    assertThat(unknown.probe()).isEqualTo(ProbeApi.COMPLETIONS);
  }

  @Test
  void a_profile_replaces_single_fields_of_a_built_in_engine() {
    EngineProfile fork =
        EngineProfiles.of(
            read(
                "{type: vllm, profile: {healthPath: /ready, metrics: {running: [{name: fork_running}]}}}"));
    assertThat(fork.healthPath()).isEqualTo("/ready");
    assertThat(fork.versionPaths()).isEqualTo(builtIn("vllm").versionPaths());
    assertThat(fork.metrics().get(EngineLoadMetric.RUNNING))
        .extracting(EngineMetric::name)
        .containsExactly("fork_running");
    assertThat(fork.metrics().get(EngineLoadMetric.WAITING))
        .isEqualTo(builtIn("vllm").metrics().get(EngineLoadMetric.WAITING));
  }

  @Test
  void a_complete_profile_is_read_and_written_back() {
    EngineSpec engine =
        read(
            """
            {type: own-server, command: [own, serve], profile: {
               apis: [/v1/chat/completions, /v1/completions, /tokenize],
               resume: [completionText, tokenIds], completionTokens: 128,
               contextTooLong: {codes: [too_long], texts: [does not fit]},
               healthPath: /livez, upOnClientError: false,
               versionPaths: [/about, /v0/about], versionField: build,
               sleepPath: "", sleepField: asleep, probe: chat, loadedModelsPath: "",
               metricsPath: /stats/prometheus,
               metrics: {running: [{name: own_active, labels: {state: run}, since: "2.1"}]},
               metricsPartLabels: [shard], metricsHint: start it with --stats}}
            """);
    assertThat(engine.profile()).isPresent();
    String json = Json.write(engine);
    assertThat(Json.read(json, EngineSpec.class)).isEqualTo(engine);
    assertThat(json).contains("\"metricsPartLabels\":[\"shard\"]");
  }

  @Test
  void an_unknown_engine_without_a_profile_is_refused_with_the_built_in_names() {
    assertThat(problems("{type: vlm}"))
        .containsExactly(
            "spec.engine.type = vlm: is not a built-in engine: write one of "
                + String.join(", ", BuiltInEngines.names())
                + ", or describe the engine in engine.profile ({} for the defaults)");
    assertThat(problems("{type: My Engine}"))
        .singleElement()
        .asString()
        .startsWith("spec.engine.type = My Engine: must be the name of an engine");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{healthPath: health}                                     | healthPath",
        "{healthPath: /a/../admin}                                | healthPath",
        "{metricsPath: '/metrics?x=1'}                            | metricsPath",
        "{versionPaths: ['//evil.example.com/version']}           | versionPaths[0]",
        "{sleepPath: '/a%2e'}                                     | sleepPath",
        "{apis: []}                                               | apis",
        "{apis: [/admin]}                                         | apis[0]",
        "{apis: [/score, /score]}                                 | apis",
        "{resume: [chatText, chatText]}                           | resume",
        "{completionTokens: -1}                                   | completionTokens",
        "{contextTooLong: {texts: [Too Long]}}                    | contextTooLong.texts[0]",
        "{metrics: {running: [{name: 'a b'}]}}                    | metrics.running[0].name",
        "{metrics: {running: []}}                                 | metrics.running",
        "{metrics: {speed: [{name: a}]}}                          | metrics.speed",
        "{metrics: {running: [{name: a, since: latest}]}}         | metrics.running[0].since",
        "{heathPath: /health}                                     | heathPath",
      })
  void a_wrong_field_is_named(String profile, String field) {
    assertThat(problems("{type: own, profile: " + profile + "}"))
        .anyMatch(problem -> problem.startsWith("spec.engine.profile." + field + " = "));
  }

  @Test
  void a_name_is_lower_case_and_bounded() {
    assertThat(EngineType.parse("tensorrt-llm")).isPresent();
    for (String name : List.of("", "A", "a_b", "-a", "a-", "a.b", "a".repeat(64))) {
      assertThat(EngineType.parse(name)).as(name).isEqualTo(Optional.empty());
    }
  }
}
