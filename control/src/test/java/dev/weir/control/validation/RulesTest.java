// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.codec.Manifests;
import dev.weir.model.codec.ParsedManifests;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RulesTest {
  private static final ResourceLookup EMPTY =
      new ResourceLookup() {
        @Override
        public Optional<Resource> get(ResourceRef ref) {
          return Optional.empty();
        }

        @Override
        public List<Resource> list(Kind kind, String namespace) {
          return List.of();
        }
      };

  private static final String WORLD =
      """
      {apiVersion: weir.dev/v1, kind: Model, metadata: {name: chat}, spec: {owner: o}}
      ---
      {apiVersion: weir.dev/v1, kind: Target, metadata: {name: local}, spec: {provider: process, allowedCommands: [/opt/vllm]}}
      ---
      {apiVersion: weir.dev/v1, kind: Target, metadata: {name: out}, spec: {provider: external}}
      ---
      {apiVersion: weir.dev/v1, kind: Principal, metadata: {name: dora}, spec: {}}
      ---
      {apiVersion: weir.dev/v1, kind: ModelVersion, metadata: {name: chat-1}, spec: {model: chat, version: "1", engine: {type: sim}}}
      ---
      {apiVersion: weir.dev/v1, kind: ModelVersion, metadata: {name: chat-2}, spec: {model: chat, version: "2", engine: {type: vllm, command: [/opt/vllm]}}}
      ---
      {apiVersion: weir.dev/v1, kind: ModelVersion, metadata: {name: chat-3}, spec: {model: chat, version: "3", engine: {type: vllm, command: [/bin/rm]}}}
      ---
      {apiVersion: weir.dev/v1, kind: ModelVersion, metadata: {name: chat-4}, spec: {model: chat, version: "4", engine: {type: vllm, image: "vllm:1"}}}
      """;

  private final ResourceLookup world = EMPTY.with(read(WORLD));

  @Test
  void a_world_that_fits_together_has_no_problem() {
    assertThat(Rules.check(read(WORLD), EMPTY).clean()).isTrue();
    assertThat(problems(service("chat", "chat@1", "{target: local}"))).isEmpty();
    assertThat(problems(service("chat", "chat@2", "{target: local}"))).isEmpty();
    assertThat(
            problems(
                service(
                    "chat", "chat@4", "{target: out, endpoints: {chat@4: [\"http://10.9.8.7\"]}}")))
        .isEmpty();
  }

  @Test
  void a_process_target_runs_only_commands_of_its_list() {
    assertThat(problems(service("chat", "chat@3", "{target: local}")))
        .singleElement()
        .satisfies(p -> {
          assertThat(p.path()).isEqualTo("spec.placements[0].target");
          assertThat(p.message()).contains("/bin/rm").contains("[/opt/vllm]");
        });
    assertThat(problems(service("chat", "chat@4", "{target: local}")))
        .singleElement()
        .satisfies(p -> assertThat(p.message()).contains("no engine.command"));
  }

  @Test
  void an_external_target_needs_endpoints_for_the_version_and_a_process_target_none() {
    assertThat(problems(service("chat", "chat@1", "{target: out}")))
        .extracting(Problem::path)
        .containsExactly("spec.placements[0].endpoints");
    assertThat(
            problems(
                service(
                    "chat",
                    "chat@1",
                    "{target: local, endpoints: {chat@1: [\"http://10.0.0.1\"]}}")))
        .extracting(Problem::path)
        .containsExactly("spec.placements[0].endpoints");
  }

  @Test
  void a_name_that_is_looked_up_over_tls_needs_the_name_in_the_certificate() {
    Resource service =
        service("chat", "chat@1", "{target: out, endpoints: {chat@1: [\"dns+https://v.prod\"]}}");
    assertThat(problems(service))
        .singleElement()
        .satisfies(p -> {
          assertThat(p.path()).isEqualTo("spec.placements[0].endpoints");
          assertThat(p.value()).isEqualTo("dns+https://v.prod");
          assertThat(p.message())
              .contains("spec.tls.serverName of target out", "for example to v.prod");
        });
    ResourceLookup named =
        world.with(
            read(
                "{apiVersion: weir.dev/v1, kind: Target, metadata: {name: out}, spec:"
                    + " {provider: external, tls: {serverName: v.prod}}}"));
    assertThat(Rules.check(List.of(service), named).all()).isEmpty();
  }

  private List<String> metricProblems(String metrics) {
    String manifest =
        """
        {apiVersion: weir.dev/v1, kind: Service, metadata: {name: chat},
         spec: {version: chat@1, placements: [{target: local}], release: {analysis: {metrics: %s}}}}
        """
            .formatted(metrics);
    return problems(read(manifest).getFirst()).stream()
        .map(problem -> problem.path() + " = " + problem.value() + ": " + problem.message())
        .toList();
  }

  @Test
  void a_margin_is_never_below_the_tolerance_whichever_of_them_is_the_default() {
    String metrics = "spec.release.analysis.metrics.";
    assertThat(metricProblems("{ttft: {margin: 5%}}"))
        .containsExactly(
            metrics
                + "ttft.margin = 5%: must be at least the tolerance, which is 10% by default: a"
                + " tolerated change cannot stop a step. Raise it, or set a tolerance of at most"
                + " 5%");
    assertThat(metricProblems("{error: {tolerance: 2%}}"))
        .containsExactly(
            metrics
                + "error.tolerance = 2%: must be at most the margin, which is 1% by default: a"
                + " tolerated change cannot stop a step. Lower it, or set a margin of at least"
                + " 2%");
    assertThat(metricProblems("{error: {tolerance: 2%, margin: 2%}, itl: {margin: 10%}}"))
        .isEmpty();
    assertThat(metricProblems("{ttft: {tolerance: 25%}, itl: {tolerance: 0%, margin: 0%}}"))
        .isEmpty();
  }

  @Test
  void what_no_analysis_can_follow_is_refused_before_a_release_waits_for_it() {
    assertThat(metricProblems("{truncated: {margin: 50%}}"))
        .singleElement()
        .asString()
        .contains("truncated.margin = 50%: must be below 50%");
    assertThat(metricProblems("{ttft: {margin: 200%}}")).isEmpty();
    assertThat(metricProblems("{ttft: {weight: 0.7}}"))
        .singleElement()
        .asString()
        .contains("weights that add up to 1.4");
  }

  @Test
  void overrides_and_steps_name_metrics_that_exist() {
    assertThat(metricProblems("{latency: {}, ttft: {}}"))
        .singleElement()
        .asString()
        .startsWith(
            "spec.release.analysis.metrics.latency = latency: must be a metric: e2e_per_token,"
                + " empty, error, fast_error,")
        .contains(" ttft");
    Resource service =
        read("""
        {apiVersion: weir.dev/v1, kind: Service, metadata: {name: chat},
         spec: {version: chat@1, placements: [{target: local}],
                release: {steps: [{weight: 5}, {weight: 10, metrics: {speed: {}}}]}}}
        """)
            .getFirst();
    assertThat(problems(service))
        .extracting(Problem::path, Problem::value)
        .containsExactly(tuple("spec.release.steps[1].metrics.speed", "speed"));
  }

  @Test
  void two_versions_share_an_endpoint_only_under_two_names() {
    String shared =
        "{target: out, endpoints: {chat@1: [\"http://10.0.0.1\"], chat@%s: [\"http://10.0.0.1:80/\"]}}";
    assertThat(problems(service("chat", "chat@1", shared.formatted("2"))))
        .singleElement()
        .satisfies(p -> {
          assertThat(p.path()).isEqualTo("spec.placements[0].endpoints[\"chat@2\"]");
          assertThat(p.message()).contains("spec.servedModel");
        });
    ResourceLookup adapters =
        world.with(
            read(
                "{apiVersion: weir.dev/v1, kind: ModelVersion, metadata: {name: chat-9}, spec:"
                    + " {model: chat, version: \"9\", servedModel: lora-9, engine: {type: vllm}}}"));
    assertThat(
            Rules.check(List.of(service("chat", "chat@1", shared.formatted("9"))), adapters).all())
        .isEmpty();
  }

  @Test
  void a_changed_version_names_its_fields_and_the_remedy() {
    Resource stored = Resources.version("chat", "7", "--a");
    Resource changed = Resources.version("chat", "7", "--b");
    assertThat(Rules.check(List.of(changed), world.with(List.of(stored))).conflicts())
        .singleElement()
        .satisfies(p ->
            assertThat(p.message())
                .contains("chat-7 is immutable once stored; it differs in spec.engine.args: ")
                .contains("weir delete modelversion chat-7 -n default"));
  }

  @Test
  void what_serves_keeps_its_endpoints_until_another_version_is_released() {
    Service serving =
        (Service)
            service("chat", "chat@1", "{target: out, endpoints: {chat@1: [\"http://10.0.0.1\"]}}");
    ResourceLookup stored =
        world.with(
            List.of(
                serving.withStatus(
                    new ServiceStatus(
                        Optional.of(
                            new ServiceStatus.StableVersion(new VersionRef("chat", "1"), 1)),
                        Optional.empty(),
                        List.of(),
                        0,
                        List.of(),
                        List.of(),
                        ""))));
    Resource replaced =
        service("chat", "chat@2", "{target: out, endpoints: {chat@2: [\"http://10.0.0.2\"]}}");
    assertThat(Rules.check(List.of(replaced), stored).conflicts())
        .singleElement()
        .satisfies(p -> assertThat(p.message()).startsWith("chat@1 serves now and would lose"));
    Resource both =
        service(
            "chat",
            "chat@2",
            "{target: out, endpoints: {chat@1: [\"http://10.0.0.1\"], chat@2:"
                + " [\"http://10.0.0.2\"]}}");
    assertThat(Rules.check(List.of(both), stored).clean()).isTrue();
  }

  @Test
  void a_route_leads_to_known_services_only_under_names_that_nobody_has() {
    ResourceLookup served = world.with(List.of(service("small", "chat@1", "{target: local}")));
    Resource first = route("one", "{model: a, aliases: [b], backends: [{service: small}]}");
    Resource second =
        route(
            "two",
            "{model: b, aliases: [c, a, small], rules: [{tenants: [t], backends: [{service: x}]}],"
                + " backends: [{service: small}], fallbacks: [{service: y}], mirror: {service: z, share: 5%}}");
    assertThat(Rules.check(List.of(first), served).clean()).isTrue();
    assertThat(Rules.check(List.of(second), served.with(List.of(first))).invalid())
        .extracting(Problem::path)
        .containsExactly(
            "spec.rules[0].backends[0].service",
            "spec.fallbacks[0].service",
            "spec.mirror.service",
            "spec.model",
            "spec.aliases[1]",
            "spec.aliases[2]");
    Resource fallback =
        route("r", "{model: m, backends: [{service: z}], fallbacks: [{service: small}]}");
    assertThat(
            Dependents.of(
                service("small", "chat@1", "{target: local}"), world.with(List.of(fallback))))
        .containsExactly(fallback.ref().toString());
  }

  @Test
  void the_example_of_routes_is_one() throws Exception {
    String example = Files.readString(Path.of("../examples/routes.yaml"));
    assertThat(Rules.check(read(example), EMPTY).clean()).isTrue();
  }

  private static Resource route(String name, String spec) {
    return read("{apiVersion: weir.dev/v1, kind: Route, metadata: {name: %s}, spec: %s}"
            .formatted(name, spec))
        .getFirst();
  }

  @Test
  void a_public_name_belongs_to_one_service_or_route_in_all_namespaces() {
    Resource chat = service("chat", "chat@1", "{target: local}");
    ResourceLookup taken = world.with(List.of(chat));
    Resource route =
        read("{apiVersion: weir.dev/v1, kind: Route, metadata: {name: r, namespace: b}, spec:"
                + " {model: chat, backends: [{service: chat}]}}")
            .getFirst();
    assertThat(Rules.check(List.of(route), taken).invalid())
        .extracting(Problem::path)
        .containsExactly("spec.backends[0].service", "spec.model");
    Resource twin =
        read("{apiVersion: weir.dev/v1, kind: Service, metadata: {name: chat, namespace: b}, spec:"
                + " {version: chat@1, placements: [{target: local}]}}")
            .getFirst();
    assertThat(Rules.check(List.of(twin), taken).invalid())
        .extracting(Problem::path)
        .containsExactly("spec.version", "metadata.name");
    assertThat(Rules.check(List.of(chat), taken).clean()).isTrue();
  }

  @Test
  void bindings_and_keys_are_for_principals_that_exist() {
    String binding =
        "{apiVersion: weir.dev/v1, kind: RoleBinding, metadata: {name: b}, spec: {principal: %s,"
            + " role: viewer}}";
    assertThat(problems(read(binding.formatted("dora")).getFirst())).isEmpty();
    assertThat(problems(read(binding.formatted("nobody")).getFirst()))
        .extracting(Problem::path)
        .containsExactly("spec.principal");
  }

  @Test
  void a_gateway_is_bound_to_all_namespaces() {
    String binding =
        "{apiVersion: weir.dev/v1, kind: RoleBinding, metadata: {name: b}, spec: {principal: dora,"
            + " role: gateway, allNamespaces: %s}}";
    assertThat(problems(read(binding.formatted("true")).getFirst())).isEmpty();
    assertThat(problems(read(binding.formatted("false")).getFirst()))
        .extracting(Problem::path)
        .containsExactly("spec.allNamespaces");
  }

  @Test
  void a_version_that_another_pair_of_names_stands_for_is_not_taken_for_it() {
    ResourceLookup odd =
        world.with(
            read(
                """
                {apiVersion: weir.dev/v1, kind: Model, metadata: {name: a}, spec: {owner: o}}
                ---
                {apiVersion: weir.dev/v1, kind: ModelVersion, metadata: {name: a-b-1}, spec: {model: a, version: b-1, engine: {type: sim}}}
                """));
    Resource service = service("x", "a-b@1", "{target: local}");
    assertThat(Rules.check(List.of(service), odd).invalid())
        .extracting(Problem::path)
        .containsExactly("spec.version");
  }

  @Test
  void names_that_are_none_are_told_beside_everything_else() {
    ParsedManifests parsed =
        Manifests.read(
            """
            {apiVersion: weir.dev/v1, kind: ModelVersion, metadata: {name: m-1}, spec: {model: m, version: "@1", engine: {type: sim}}}
            ---
            {apiVersion: weir.dev/v1, kind: Service, metadata: {name: s}, spec: {version: m@1, placements: [{target: local}]}}
            """);
    assertThat(parsed.problems()).extracting(Problem::path).isNotEmpty();
    assertThat(Rules.check(parsed.resources(), world).invalid())
        .extracting(Problem::path)
        .contains("ModelVersion/default/m-1: spec.model", "Service/default/s: spec.version");
  }

  @Test
  void a_resource_that_stands_twice_in_a_set_is_told() {
    Resource chat = service("chat", "chat@1", "{target: local}");
    assertThat(Rules.check(List.of(chat, chat), world).invalid())
        .singleElement()
        .satisfies(p -> assertThat(p.path()).isEqualTo("Service/default/chat: metadata.name"));
  }

  private List<Problem> problems(Resource resource) {
    return Rules.check(List.of(resource), world).all();
  }

  private static Resource service(String name, String version, String placement) {
    return read("{apiVersion: weir.dev/v1, kind: Service, metadata: {name: %s}, spec: {version: %s, placements: [%s]}}"
            .formatted(name, version, placement))
        .getFirst();
  }

  private static List<Resource> read(String text) {
    ParsedManifests parsed = Manifests.read(text);
    assertThat(parsed.problems()).isEmpty();
    return parsed.resources();
  }
}
