// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.model.Model;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsTest {
  private static final String SERVICE =
      """
      apiVersion: weir.dev/v1
      kind: Service
      metadata: {name: chat}
      spec:
        version: chat@2
        placements: [{target: local, replicas: 3}]
      """;

  private static List<String> problems(String text) {
    return Manifests.read(text).problems().stream().map(Problem::toString).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"apiVersion\": \"weir.dev/v1\", \"kind\": \"Model\", \"metadata\": {\"name\":"
            + " \"a\\ud800\"}}",
        "{\"apiVersion\": \"weir.dev/v1\", \"kind\": \"Model\", \"a\\udc00\": 1}",
        "apiVersion: weir.dev/v1\nkind: Model\nspec: {owner: \"a\\ud800\"}\n",
        "apiVersion: weir.dev/v1\nkind: Model\n\"\\ud800\": 1\n"
      })
  void half_a_character_is_refused_where_it_stands(String text) {
    assertThat(problems(text))
        .isNotEmpty()
        .anyMatch(problem -> problem.contains("unpaired surrogate"));
  }

  @Test
  void a_character_beyond_the_16_bit_plane_may_stand_anywhere() {
    String head = "apiVersion: weir.dev/v1\nkind: Model\nmetadata: {name: chat}\n#";
    String tail = "\nspec: {owner: a@example.com, intendedUse: \"\ud83d\ude00\"}\n";
    for (int filling = 900; filling < 1_100; filling++) {
      String text = head + "x".repeat(filling - head.length()) + "\ud83d\ude00" + tail;
      assertThat(problems(text)).as("%d characters before", filling).isEmpty();
    }
  }

  @Test
  void the_manifest_of_the_contract_is_read_with_its_defaults() {
    ParsedManifests parsed =
        Manifests.read(
            """
            apiVersion: weir.dev/v1
            kind: Model
            metadata: {name: chat, namespace: default, labels: {team: search}}
            spec: {owner: search-ml@example.com, licence: apache-2.0, riskTier: medium}
            ---
            apiVersion: weir.dev/v1
            kind: ModelVersion
            metadata: {name: chat-2, namespace: default}
            spec:
              model: chat
              version: "2"
              source: {uri: "hf://acme/chat"}
              engine: {type: vllm, image: "vllm/vllm-openai:v0.10", args: ["--max-model-len", "8192"], env: {}}
              accelerator: {type: H100, count: 1}
              startupTimeout: 15m
              lineage: {commit: 3f2c1d0, trainingRun: "mlflow:/runs/81"}
            ---
            apiVersion: weir.dev/v1
            kind: Service
            metadata: {name: chat, namespace: default}
            spec:
              version: chat@2
              placements: [{target: local, replicas: 3}]
              release:
                strategy: canary
                steps: [{weight: 5}, {weight: 25}, {weight: 50}]
                analysis: {alpha: 0.01, beta: 0.05, minStepDuration: 2m, maxStepDuration: 30m, onInconclusive: pause, dispersion: auto, metrics: {ttft: {tolerance: 10%, margin: 25%}}}
              traffic:
                timeouts: {connect: 1s, firstToken: 10s, stall: 5s, total: 120s}
                retries: {budget: 20%, maxAttempts: 3}
                breaker: {consecutiveFailures: 5, baseEjectionTime: 10s, maxEjected: 10%, panicThreshold: 50%}
                maxInFlight: 4096
                resume: true
            """);
    assertThat(parsed.problems()).isEmpty();
    assertThat(parsed.resources()).hasSize(3);
    Service service = (Service) parsed.resources().getLast();
    assertThat(service.spec().release().analysis().metrics()).containsOnlyKeys("ttft");
    assertThat(service.spec().traffic().timeouts().total()).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void what_is_left_out_has_its_default() {
    Service service = (Service) Manifests.read(SERVICE).resources().getFirst();
    assertThat(service.spec().release())
        .isEqualTo(
            Resources.release()
                .withSteps(List.of())
                .withBake(new ReleaseSpec.BakeSpec(Duration.ofMinutes(5), Percentage.of(5))));
    assertThat(service.spec().traffic()).isEqualTo(Resources.traffic());
    assertThat(service.metadata()).isEqualTo(Resources.named("chat"));
    assertThat(service.status().rollouts()).isZero();
  }

  @Test
  void all_problems_are_told_at_once_with_path_value_and_what_would_be_right() {
    List<String> problems =
        problems(
            """
            apiVersion: weir.dev/v1
            kind: Service
            metadata: {name: Chat_1, labels: {team: 5}}
            spec:
              version: chat
              placments: []
              placements: [{target: local, replicas: -1}, {target: local, replicas: "2"}]
              release:
                strategy: canry
                steps: [{weight: 50}, {weight: 5}, {weight: 100}]
                analysis: {alpha: 1, minStepDuration: 10, dispersion: 0.5, metrics: {tpot: {tolerance: 10}}}
              traffic:
                timeouts: {total: -1s, stall: soon}
                retries: {budget: 120%, maxAttempts: 11}
                breaker: {consecutiveFailures: 0, baseEjectionTime: 1h, maxEjected: 101%, panicThreshold: half}
                maxInFlight: 0
                resume: no
                sessionHeader: "x y"
                limits: {requestsPerMinute: -1, tokensPerMinute: many}
                perTenant: {maxInFlight: 2000000, share: {acme: 0}}
                concurrency: {max: -1, waitForReplica: 2h}
            """);
    assertThat(problems)
        .containsExactly(
            "metadata.name = Chat_1: must be 1 to 63 lower-case letters, digits and hyphens, with a"
                + " letter or digit at both ends",
            "metadata.labels.team = 5: must be text; write it in quotes: \"5\"",
            "spec.placments = a list of 0: unknown field; did you mean `placements`?",
            "spec.version = chat: must be model@version, such as chat@2",
            "spec.placements[0].replicas = -1: must be from 0 to 1000",
            "spec.placements[1].replicas = 2: must be a whole number, without quotes",
            "spec.release.strategy = canry: must be one of canary, blueGreen, rolling, shadow,"
                + " recreate; did you mean `canary`?",
            "spec.release.steps[2].weight = 100: must be below 100, so that there is something to"
                + " compare with; 100 is only for a step with match and with analysis: false",
            "spec.release.analysis.alpha = 1: must be above 0 and below 1",
            "spec.release.analysis.minStepDuration = 10: must be a duration with its unit, such as"
                + " 250ms, 10s or 1h30m",
            "spec.release.analysis.dispersion = 0.5: must be `auto` or a number of at least 1",
            "spec.release.analysis.metrics.tpot.tolerance = 10: must be a percentage with its sign,"
                + " such as 20%",
            "spec.traffic.timeouts.stall = soon: must be a duration with its unit, such as 250ms,"
                + " 10s or 1h30m",
            "spec.traffic.timeouts.total = -1s: must be longer than 0s and at most 24h",
            "spec.traffic.retries.budget = 120%: must be at most 100%",
            "spec.traffic.retries.maxAttempts = 11: must be from 1 to 10",
            "spec.traffic.breaker.consecutiveFailures = 0: must be from 1 to 1000",
            "spec.traffic.breaker.baseEjectionTime = 1h: must be longer than 0s and at most 5m",
            "spec.traffic.breaker.maxEjected = 101%: must be at most 100%",
            "spec.traffic.breaker.panicThreshold = half: must be a percentage with its sign, such as 20%",
            "spec.traffic.maxInFlight = 0: must be from 1 to 1000000",
            "spec.traffic.resume = no: must be true or false, without quotes",
            "spec.traffic.sessionHeader = x y: must be the name of an HTTP header",
            "spec.traffic.limits.requestsPerMinute = -1: must be from 0 to 1000000000",
            "spec.traffic.limits.tokensPerMinute = many: must be a whole number",
            "spec.traffic.perTenant.maxInFlight = 2000000: must be from 0 to 1000000",
            "spec.traffic.perTenant.share.acme = 0: must be from 1 to 1000",
            "spec.traffic.concurrency.max = -1: must be from 0 to 1000000",
            "spec.traffic.concurrency.waitForReplica = 2h: must be 0s to 1h");
  }

  @Test
  void what_fields_demand_of_each_other_is_told_too() {
    assertThat(
            problems(
                SERVICE.replace("replicas: 3}", "replicas: 3}, {target: local}")
                    + """
                      release:
                        steps: [{weight: 50}, {weight: 5}]
                        analysis:
                          minStepDuration: 1h
                          metrics: {ttft: {tolerance: 30%, margin: 25%}}
                    """))
        .containsExactly(
            "spec.release.analysis.metrics.ttft.margin = 25%: must be at least the tolerance, which"
                + " is 30%. Raise the margin, or lower the tolerance",
            "spec.release.analysis.maxStepDuration = 30m: must be at least minStepDuration",
            "spec.release.steps[1].weight = 5: must be above the weight of the previous step",
            "spec.placements[1].target = local: appears twice: keep one entry for each target");
  }

  @Test
  void problems_of_several_documents_name_the_document() {
    assertThat(
            problems(
                SERVICE
                    + "---\n"
                    + SERVICE.replace("chat@2", "chat").replace("{name: chat}", "{name: b}")))
        .containsExactly(
            "document 2 (Service b): spec.version = chat: must be model@version, such as chat@2");
  }

  @Test
  void the_same_resource_twice_is_refused() {
    assertThat(problems(SERVICE + "---\n" + SERVICE))
        .containsExactly(
            "document 2 (Service chat): metadata.name = chat: Service/default/chat is already defined"
                + " in document 1 (Service chat): keep one of them");
  }

  @Test
  void missing_parts_are_named() {
    assertThat(problems("kind: Route\n"))
        .containsExactly(
            "apiVersion: is required: weir.dev/v1",
            "metadata.name: is required: text",
            "spec.model: is required: text",
            "spec.backends: is required: a list");
    assertThat(problems("apiVersion: weir.dev/v2\nkind: Servise\n"))
        .containsExactly(
            "apiVersion = weir.dev/v2: must be weir.dev/v1",
            "kind = Servise: must be one of "
                + Stream.of(Kind.values()).map(Kind::text).collect(Collectors.joining(", "))
                + "; did you mean `Service`?");
  }

  @Test
  void a_new_resource_has_the_default_status() {
    Service service = (Service) Resources.of(Kind.SERVICE);
    Service claimed = service.withStatus(service.status().withMessage("from a user"));
    assertThat(Manifests.withDefaultStatus(claimed))
        .isEqualTo(service.withStatus(ServiceStatus.empty()));
  }

  @Test
  void a_global_kind_has_no_namespace() {
    String target =
        "{apiVersion: weir.dev/v1, kind: Target, metadata: {name: a, namespace: b}, spec:"
            + " {provider: process}}";
    assertThat(problems(target))
        .containsExactly(
            "metadata.namespace = b: must be left out: a Target belongs to no namespace");
    Target read =
        (Target) Manifests.read(target.replace(", namespace: b", "")).resources().getFirst();
    assertThat(read.metadata().namespace()).isEmpty();
  }

  @Test
  void a_resource_without_namespace_gets_the_callers() {
    ParsedManifests parsed = Manifests.read(SERVICE, ManifestFormat.YAML, "search");
    assertThat(parsed.resources().getFirst().metadata().namespace()).isEqualTo("search");
  }

  @Test
  void a_versions_name_says_what_it_is() {
    String version =
        Manifests.toYaml(Resources.version("chat", "2")).replace("name: chat-2", "name: chat-two");
    assertThat(problems(version))
        .containsExactly("metadata.name = chat-two: must be <model>-<version>: chat-2");
  }

  static Stream<Arguments> surprises() {
    return Stream.of(
        Arguments.of("owner: 2", "must be text; write it in quotes: \"2\""),
        Arguments.of("owner: 1.10", "must be text; write it in quotes: \"1.10\""),
        Arguments.of("owner: no", "must be text; write it in quotes: \"no\""),
        Arguments.of("owner: On", "must be text; write it in quotes: \"On\""),
        Arguments.of("owner: true", "must be text; write it in quotes: \"true\""),
        Arguments.of("owner: !!str a", "tags are not supported"),
        Arguments.of("owner: !!java.net.URL [http://x]", "tags are not supported"),
        Arguments.of("owner: *nobody", "no anchor &nobody before it"),
        Arguments.of("owner: a\n  owner: b", "appears twice"),
        Arguments.of("? [a]\n  : b", "a key must be a scalar"),
        Arguments.of("<<: {owner: a}", "merge keys are not YAML 1.2"),
        Arguments.of("owner: \"a\\u0000b\"", "must be one line of 1 to 256 characters"));
  }

  @ParameterizedTest
  @MethodSource("surprises")
  void surprises_of_yaml_are_refused_with_a_way_out(String field, String message) {
    String manifest =
        "apiVersion: weir.dev/v1\nkind: Model\nmetadata: {name: a}\nspec:\n  " + field + "\n";
    assertThat(String.join("\n", problems(manifest))).contains(message);
  }

  @Test
  void quotes_make_text_of_anything_and_anchors_may_be_used() {
    ParsedManifests parsed =
        Manifests.read(
            """
            apiVersion: weir.dev/v1
            kind: Model
            metadata: {name: a}
            spec: {owner: &o "2", licence: "no", riskTier: *o, contacts: [*o, *o]}
            """);
    Model model = (Model) parsed.resources().getFirst();
    assertThat(model.spec().contacts()).containsExactly("2", "2");
    assertThat(model.spec().licence()).contains("no");
  }

  @Test
  void numbers_that_readers_disagree_on_are_refused() {
    for (String number : List.of("010", "0x10", "1_0", "3.0", "1e1", "99999999999", "+.inf")) {
      assertThat(problems(SERVICE.replace("replicas: 3", "replicas: " + number)))
          .as(number)
          .hasSize(1)
          .first()
          .asString()
          .startsWith("spec.placements[0].replicas = ");
    }
  }

  @Test
  void an_alias_bomb_is_refused_before_it_is_expanded() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 20; i++) {
      bomb.append("a%d: &a%d [".formatted(i, i));
      bomb.append(("*a" + (i - 1) + ", ").repeat(9)).append("*a").append(i - 1).append("]\n");
    }
    assertThat(problems(bomb.toString()))
        .anySatisfy(problem -> assertThat(problem).contains("aliases expanded: split it"));
  }

  @Test
  void a_value_that_holds_itself_is_refused() {
    assertThat(problems("a: &a [*a]\n")).anySatisfy(p -> assertThat(p).contains("no anchor &a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"a\":"})
  void what_is_nested_too_deep_is_refused(String open) {
    assertThat(problems(open.repeat(100_000))).hasSize(1).first().asString().contains("nested");
    assertThat(problems("a: " + "[".repeat(51) + "]".repeat(51)))
        .anySatisfy(p -> assertThat(p).contains("nested deeper than 50 levels"));
  }

  @Test
  void what_is_too_much_is_refused() {
    assertThat(problems("#".repeat(5 * 1024 * 1024)))
        .containsExactly(
            "5242880 characters: at most 4194304 characters are read at once: split it");
    assertThat(problems("a: b\n---\n".repeat(1001)))
        .anySatisfy(p -> assertThat(p).contains("more problems"));
    assertThat(problems("--- null\n".repeat(1001)))
        .containsExactly("more than 1000 documents at once: split it");
    String items = "null,".repeat(1001) + "null";
    assertThat(problems("{\"kind\":\"List\",\"items\":[" + items + "]}"))
        .containsExactly(
            "items = a list of 1002: at most 1000 resources are read at once: split it");
  }

  @Test
  void a_syntax_error_says_where() {
    assertThat(problems(SERVICE + "---\na: [b\nc: d\n"))
        .hasSize(1)
        .first()
        .asString()
        .startsWith("document 2: line ")
        .contains("not YAML: ");
    assertThat(problems("{\"kind\": \"Model\",\n \"spec\": {,}}"))
        .hasSize(1)
        .first()
        .asString()
        .startsWith("line 2, column ")
        .contains("not JSON: ")
        .doesNotContain("code ");
    assertThat(problems("{\"kind\": \"Model\",\n \"spec\": {"))
        .hasSize(1)
        .first()
        .asString()
        .contains("not JSON: the text ends before it is complete")
        .doesNotContain("REDACTED", "Source");
    assertThat(Manifests.read("{} {}", ManifestFormat.JSON, "default").problems()).isNotEmpty();
    assertThat(problems("just words")).hasSize(1).first().asString().contains("must be a resource");
  }

  @Test
  void bytes_must_be_utf_8() {
    byte[] latin = "owner: \u00fc".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(Manifests.read(latin, ManifestFormat.AUTO, "default").problems())
        .containsExactly(new Problem("", "", "the text must be UTF-8"));
    byte[] marked = ("\uFEFF" + SERVICE).getBytes(StandardCharsets.UTF_8);
    assertThat(Manifests.read(marked, ManifestFormat.AUTO, "default").ok()).isTrue();
  }

  @Test
  void json_comes_as_object_array_or_list() {
    String one = Manifests.toJson(Resources.model("a"));
    String two = Manifests.toJson(Resources.target("b"));
    assertThat(Manifests.read(one).resources()).containsExactly(Resources.model("a"));
    for (String several :
        List.of(
            "[" + one + "," + two + "]",
            "{\"kind\":\"List\",\"items\":[" + one + "," + two + "]}")) {
      assertThat(Manifests.read(several).resources())
          .containsExactly(Resources.model("a"), Resources.target("b"));
    }
    assertThat(problems("[" + one + "," + two.replace("process", "proces") + "]"))
        .containsExactly(
            "[1].spec.provider = proces: must be one of process, external; did you mean"
                + " `process`?");
    assertThat(problems("{\"kind\":\"List\"}"))
        .containsExactly("items: must be a list of resources");
  }

  @Test
  void nothing_is_read_from_nothing() {
    for (String text : List.of("", "\n", "# a remark\n", "---\n---\n")) {
      assertThat(Manifests.read(text)).isEqualTo(new ParsedManifests(List.of(), List.of()));
    }
  }

  @Test
  void what_get_printed_can_be_applied_again() {
    String printed =
        Manifests.toYaml(Resources.of(Kind.ROLLOUT))
            .replace(
                "name: chat-1", "name: chat-1\n  revision: 12\n  createdAt: 2026-01-01T00:00:00Z");
    assertThat(Manifests.read(printed).problems()).isEmpty();
  }

  @Test
  void a_stored_resource_with_an_unknown_field_is_not_read_in_part() {
    String json =
        Manifests.toJson(Resources.model("a")).replace("\"spec\":{", "\"spec\":{\"x\":1,");
    assertThatThrownBy(() -> Manifests.fromJson(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unknown field");
  }

  @Test
  void the_number_of_problems_is_bounded() {
    StringBuilder text =
        new StringBuilder(
            "apiVersion: weir.dev/v1\nkind: Model\nmetadata: {name: a}\nspec:\n  owner: b\n");
    for (int i = 0; i < 500; i++) {
      text.append("  wrong").append(i).append(": x\n");
    }
    assertThat(problems(text.toString()))
        .hasSize(Manifests.MAX_PROBLEMS)
        .last()
        .asString()
        .contains("and 301 more problems");
  }

  @Test
  void yaml_is_written_for_people() {
    assertThat(Manifests.toYaml(Resources.of(Kind.API_KEY)))
        .isEqualTo(
            """
            apiVersion: weir.dev/v1
            kind: ApiKey
            metadata:
              namespace: default
              name: ada-laptop
            spec:
              principal: ada
              hash: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
              hint: ""
              models: []
              pinVersion: false
              limits:
                requestsPerMinute: 0
                tokensPerMinute: 0
                maxInFlight: 0
              priority: normal
              revoked: false
            """);
    assertThat(Manifests.toYaml(Resources.of(Kind.SERVICE)))
        .contains("  version: chat@2\n")
        .contains("    - target: local\n      replicas: 1\n      endpoints: {}\n")
        .contains("      - weight: 1\n")
        .contains("      maxStepDuration: 30m\n")
        .contains("      budget: 20%\n");
  }

  private static List<String> ofRelease(String release) {
    return problems(
        """
        {apiVersion: weir.dev/v1, kind: Service, metadata: {name: chat}, spec: {version: chat@2,
        placements: [{target: local, replicas: 1}], release: %s}}
        """
            .formatted(release));
  }

  @Test
  void a_canary_has_a_ramp_or_steps() {
    assertThat(ofRelease("{ramp: {weights: [2, 20], max: 30, minDwell: 1m, exposure: 5}}"))
        .isEmpty();
    assertThat(ofRelease("{ramp: {}, steps: [{weight: 5}]}"))
        .containsExactly(
            "spec.release.ramp = together with spec.release.steps: a canary has either a ramp or"
                + " steps: remove one of them");
  }

  @Test
  void the_weights_of_a_ramp_increase_below_100() {
    assertThat(ofRelease("{ramp: {weights: [5, 5, 100]}}"))
        .containsExactly(
            "spec.release.ramp.weights[1] = 5: must be above the previous weight and below 100",
            "spec.release.ramp.weights[2] = 100: must be above the previous weight and below 100");
    assertThat(ofRelease("{ramp: {minDwell: 1s}}"))
        .singleElement()
        .asString()
        .contains("spec.release.ramp.minDwell", "5s to 168h");
  }

  @Test
  void one_proof_of_the_release_needs_steps_for_all_requests_and_a_ramp_needs_it() {
    assertThat(
            ofRelease(
                "{steps: [{weight: 50, match: [{tenants: [qa]}]}], analysis: {proof: release}}"))
        .singleElement()
        .asString()
        .startsWith("spec.release.analysis.proof = release: steps with a match");
    assertThat(ofRelease("{analysis: {proof: step}}"))
        .singleElement()
        .asString()
        .startsWith("spec.release.analysis.proof = step: a ramp needs one proof");
    assertThat(ofRelease("{steps: [{weight: 50}], analysis: {proof: step}}")).isEmpty();
  }

  @Test
  void the_largest_weight_of_a_ramp_is_its_maximum() {
    ReleaseSpec.RampSpec ramp =
        new ReleaseSpec.RampSpec(List.of(1.0, 20.0, 50.0), 30, Duration.ofSeconds(30), 20);
    assertThat(ramp.effectiveWeights()).containsExactly(1.0, 20.0, 30.0);
    assertThat(ReleaseSpec.RampSpec.USUAL.effectiveWeights())
        .isEqualTo(ReleaseSpec.RampSpec.USUAL.weights());
  }
}
