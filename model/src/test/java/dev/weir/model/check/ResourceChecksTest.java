// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.ApiKey;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Route;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.codec.Manifests;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.spec.GradingSpec;
import dev.weir.model.spec.RecordingSpec;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.AnalysisSpec;
import dev.weir.model.spec.RouteSpec;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.spec.TargetSpec;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.value.GeneratedTraffic;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.Problem;
import dev.weir.model.value.VersionRef;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceChecksTest {
  private static List<String> problems(Resource resource) {
    return ResourceChecks.of(resource).stream().map(Problem::toString).toList();
  }

  @Test
  void names_are_rfc_1123_labels() {
    for (String name : List.of("", "A", "a_b", "-a", "a-", "a.b", "a".repeat(64))) {
      assertThat(problems(Resources.model("a").withMetadata(Resources.named(name))))
          .as(name)
          .hasSize(1);
    }
    assertThat(problems(Resources.model("a").withMetadata(Metadata.of("Team", "a"))))
        .containsExactly(
            "metadata.namespace = Team: must be 1 to 63 lower-case letters, digits and hyphens");
  }

  @Test
  void a_simulated_engine_has_no_command() {
    EngineSpec engine =
        new EngineSpec(
            EngineType.SIM, List.of("/bin/sh"), List.of(), Optional.empty(), Map.of("1A", "b"));
    assertThat(problems(Resources.version("chat", "2", engine)))
        .containsExactly(
            "spec.engine.env[\"1A\"] = 1A: must be a variable's name: letters, digits and"
                + " underscores, no digit first",
            "spec.engine.command = /bin/sh: must be left out for type sim: Weir includes that"
                + " engine; use args");
  }

  @Test
  void a_version_that_cannot_be_part_of_a_name_is_told_without_failing() {
    assertThat(problems(Resources.version("chat", "1.2"))).hasSize(2);
    assertThat(problems(Resources.version("chat", ""))).hasSize(2);
  }

  @Test
  void an_external_endpoint_is_a_base_url() {
    VersionRef version = new VersionRef("chat", "2");
    for (String url :
        List.of("ftp://a", "http:///a", "http://u:p@a", "http://a?b", "http://a#b", "mailto:a")) {
      assertThat(
              problems(Resources.service("chat", version, Resources.external("x", "chat@2", url))))
          .as(url)
          .singleElement()
          .asString()
          .startsWith("spec.placements[0].endpoints[\"chat@2\"][0] = ");
    }
  }

  @Test
  void an_external_endpoint_may_be_a_name_for_all_its_addresses() {
    assertThat(
            problems(external("http://10.0.0.7:8000", "dns+http://v.prod:8000", "dns+https://v")))
        .isEmpty();
    assertThat(problems(external("dns+http://10.0.0.7:8000"))).hasSize(1);
  }

  @Test
  void an_external_endpoint_is_the_address_of_a_server() {
    for (String url :
        List.of(
            "http://169.254.169.254/latest",
            "http://[fe80::1]:8000",
            "http://[fd00:ec2::254]",
            "http://0.0.0.0:8000",
            "http://[::]:8000",
            "http://224.0.0.1:8000",
            "http://[::ffff:169.254.169.254]:8000")) {
      assertThat(problems(external(url)))
          .as(url)
          .singleElement()
          .asString()
          .contains("must be the address of a server");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://0xa9fea9fe",
        "http://0XA9FEA9FE:8000",
        "http://2852039166",
        "http://0177.0.0.1",
        "http://010.0.0.7:8000",
        "http://0",
        "http://0x",
        "dns+http://0xa9fea9fe:80",
        "http://host/../../x",
        "http://host/..",
        "http://host/./v1",
        "http://host/v1/%2e%2e/x",
        "http://host/.%2E/x",
        "http://host/v1%2f..%2fx",
        "http://host/%5c..",
        "http://[fe80::1%25eth0]:8000"
      })
  void an_external_endpoint_that_programs_read_differently_is_refused(String url) {
    assertThat(problems(external(url)))
        .anySatisfy(problem ->
            assertThat(problem.toString()).contains("a URL that all programs parse the same", url));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://0251.0376.0251.0376",
        "http://169.254.43518",
        "http://0xa9.0xfe.0xa9.0xfe",
        "http://127.1",
        "http://169.254.169.254.",
        "http://user@host",
        "http://host/#x",
        "http://host?x=1"
      })
  void an_external_endpoint_without_a_readable_host_or_with_more_is_refused(String url) {
    assertThat(problems(external(url))).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://10.0.0.7:8000/v1",
        "http://host.",
        "http://vllm-0.vllm.prod.svc:8000/a..b/.well-known/v1.2",
        "http://[fd12::7]:8000",
        "http://0xa9fea9fe.example",
        "http://169.254.169.254.nip.io"
      })
  void an_external_endpoint_in_a_plain_form_is_accepted(String url) {
    assertThat(problems(external(url))).isEmpty();
  }

  @Test
  void an_endpoint_stands_once() {
    assertThat(problems(external("http://a:80", "http://A/")))
        .containsExactly(
            "spec.placements[0].endpoints[\"chat@2\"][1] = http://A/: appears twice:"
                + " list each endpoint once");
  }

  private static Service external(String... urls) {
    return Resources.service(
        "chat", new VersionRef("chat", "2"), Resources.external("x", "chat@2", urls));
  }

  @Test
  void a_credential_is_a_reference_and_is_never_repeated() {
    Target target = Resources.target("x", ProviderType.EXTERNAL);
    for (String good : List.of("env:VLLM_KEY", "file:/run/keys/vllm")) {
      assertThat(problems(credential(target, good))).isEmpty();
    }
    for (String bad : List.of("sk-very-secret", "file:relative", "env:1", "env:A B")) {
      assertThat(problems(credential(target, bad)))
          .as(bad)
          .singleElement()
          .asString()
          .startsWith("spec.credential: must be a reference to a secret")
          .doesNotContain(bad);
    }
    assertThat(problems(credential(Resources.target("x"), "env:VLLM_KEY"))).hasSize(1);
  }

  private static Target credential(Target target, String reference) {
    TargetSpec old = target.spec();
    return target.withSpec(
        new TargetSpec(
            old.provider(),
            old.region(),
            old.cloud(),
            old.environment(),
            old.capacity(),
            old.allowedCommands(),
            Optional.of(reference),
            old.tls(),
            old.pricePerGpuHour()));
  }

  @Test
  void a_route_needs_a_backend_that_gets_something() {
    Route route = Resources.route("chat", "chat");
    assertThat(problems(route.withSpec(new RouteSpec("chat", List.of())))).hasSize(1);
    assertThat(
            problems(route.withSpec(new RouteSpec("a b", List.of(new RouteSpec.Backend("c", 0))))))
        .containsExactly(
            "spec.model = a b: must be 1 to 256 characters without spaces",
            "spec.backends = every weight 0: at least one backend needs a weight above 0");
  }

  private static List<String> problemsOfRoute(String spec) {
    return Manifests.read(
            "{apiVersion: weir.dev/v1, kind: Route, metadata: {name: r}, spec: " + spec + "}")
        .problems()
        .stream()
        .map(Problem::toString)
        .toList();
  }

  @Test
  void a_route_has_each_name_once_and_rules_that_fit_something_less_than_everything() {
    assertThat(
            problemsOfRoute(
                "{model: chat, aliases: [gpt, chat, gpt], rules: [{backends: [{service: a}]},"
                    + " {headers: {Authorization: x, x-team: s}, backends: [{service: b}]},"
                    + " {tenants: [t], backends: [{service: b, weight: 0}]}], backends:"
                    + " [{service: a}]}"))
        .containsExactly(
            "spec.rules[0]: matches every request: set headers or tenants, or remove it and use"
                + " spec.backends",
            "spec.rules[1].headers.Authorization = (not shown): must be the name of a header in"
                + " lower case, except headers that carry credentials",
            "spec.rules[2].backends = every weight 0: at least one backend needs a weight above"
                + " 0",
            "spec.aliases[1] = chat: is already a name of this route",
            "spec.aliases[2] = gpt: is already a name of this route");
  }

  @Test
  void a_fallback_leads_neither_twice_to_a_service_nor_back_to_the_only_one() {
    assertThat(
            problemsOfRoute(
                "{model: chat, backends: [{service: a}, {service: b, weight: 0}], fallbacks:"
                    + " [{service: b}, {service: a, on: [saturated]}, {service: b}]}"))
        .containsExactly(
            "spec.fallbacks[2].service = b: appears twice: keep one entry for each service",
            "spec.fallbacks[1].service = a: is already the only Service of the route: name another"
                + " Service");
    assertThat(
            problemsOfRoute(
                "{model: chat, backends: [{service: a}, {service: b}], fallbacks: [{service:"
                    + " a}, {service: b}]}"))
        .isEmpty();
  }

  @Test
  void a_mirror_is_nobody_who_answers() {
    assertThat(
            problemsOfRoute(
                "{model: chat, backends: [{service: a}, {service: b, weight: 0}], mirror: {service:"
                    + " a, share: 101%}}"))
        .containsExactly(
            "spec.mirror.share = 101%: must be at most 100%",
            "spec.mirror.service = a: already serves requests of this route: mirror to another"
                + " Service");
    assertThat(
            problemsOfRoute(
                "{model: chat, backends: [{service: a}, {service: b, weight: 0}], mirror: {service:"
                    + " b, share: 0.5%}}"))
        .isEmpty();
  }

  @Test
  void a_target_has_the_fields_of_its_own_provider_only() {
    assertThat(problems(Resources.target("x", ProviderType.EXTERNAL, "/bin/sh")))
        .containsExactly(
            "spec.allowedCommands = a list of 1: must be left out for provider external: it applies"
                + " only to provider process");
    assertThat(problems(credential(Resources.target("x", "/bin/sh"), "env:VLLM_KEY")))
        .containsExactly(
            "spec.credential: must be left out for provider process: it applies only to provider"
                + " external");
  }

  @Test
  void a_key_is_kept_as_a_hash_only() {
    ApiKey key = Resources.apiKey("a", "ada", "weir_secret");
    assertThat(problems(key))
        .containsExactly("spec.hash = weir_secret: must be `sha256:` and 64 lower-case hex digits");
  }

  @Test
  void what_gateways_are_to_ask_has_bounds() {
    assertThat(generating(50, "Count.".repeat(1_000), 4_096)).isEmpty();
    assertThat(generating(.001, "Count.", 1)).isEmpty();
    assertThat(generating(0, " ", 0))
        .containsExactly(
            "spec.release.traffic.rate = 0: must be above 0 and at most 50",
            "spec.release.traffic.prompts[0] =  : must be 1 to 8192 characters, not all of them"
                + " blank",
            "spec.release.traffic.maxTokens = 0: must be from 1 to 4096");
    assertThat(generating(51, "a", 4_097)).hasSize(2);
    String[] many = Collections.nCopies(9, "a".repeat(8_000)).toArray(String[]::new);
    assertThat(problems(generating(1, 64, many)))
        .containsExactly(
            "spec.release.traffic.prompts = 72000 characters: must be at most 65536 characters in"
                + " total: remove some");
  }

  @Test
  void what_grades_has_bounds_and_quality_needs_it() {
    assertThat(
            problems(
                graded(
                    new GradingSpec(
                        "judge", Percentage.of(100), "", Duration.ofMinutes(10), 4_096))))
        .isEmpty();
    assertThat(
            problems(
                graded(
                    new GradingSpec(
                        "No Judge",
                        Percentage.of(0),
                        "a".repeat(8_193),
                        Duration.ofMinutes(11),
                        0))))
        .hasSize(5)
        .allMatch(problem -> problem.startsWith("spec.release.analysis.grading."));
    Service ungraded = generating(1, 64, "Count.");
    var quality =
        new ReleaseSpec.MetricSpec(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(false),
            Optional.empty(),
            false);
    AnalysisSpec plain = ungraded.spec().release().analysis();
    AnalysisSpec named =
        new AnalysisSpec(
            plain.alpha(),
            plain.beta(),
            plain.minStepDuration(),
            plain.maxStepDuration(),
            plain.onInconclusive(),
            plain.dispersion(),
            Map.of("quality", quality));
    assertThat(problems(analysed(ungraded, named)))
        .containsExactly(
            "spec.release.analysis.metrics.quality: needs analysis.grading: without a judge,"
                + " responses have no grade");
  }

  private static Service graded(GradingSpec grading) {
    Service plain = generating(1, 64, "Count.");
    return analysed(plain, plain.spec().release().analysis().graded(grading));
  }

  private static Service analysed(Service service, AnalysisSpec analysis) {
    ServiceSpec spec = service.spec();
    ReleaseSpec release = spec.release();
    return new Service(
        service.metadata(),
        new ServiceSpec(
            spec.version(),
            spec.placements(),
            new ReleaseSpec(release.strategy(), release.steps(), analysis),
            spec.traffic(),
            spec.slo()),
        service.status());
  }

  @Test
  void what_was_recorded_can_be_asked_again_only_where_something_is_recorded() {
    var again =
        new GeneratedTraffic(
            GeneratedTraffic.Source.RECORDED,
            2,
            GeneratedTraffic.ProbeApi.CHAT,
            List.of("mine"),
            64);
    Service plain = generating(1, 64, "Count.");
    assertThat(problems(with(plain, again, Optional.empty())))
        .containsExactlyInAnyOrder(
            "spec.release.traffic.prompts = 1 prompts: must be left out for source recorded, which"
                + " sends the recorded requests",
            "spec.release.traffic.source = recorded: needs spec.traffic.recording: without it there"
                + " are no requests to replay");
    assertThat(problems(with(plain, again, Optional.of(recording(1, "env:KEY", "a+"))))).hasSize(1);
  }

  @Test
  void what_is_recorded_has_bounds_and_a_key_by_reference() {
    Service plain = generating(1, 64, "Count.");
    GeneratedTraffic probes = plain.spec().release().traffic().orElseThrow();
    assertThat(problems(with(plain, probes, Optional.of(recording(0, "s3cret-k3y", "(")))))
        .hasSize(3)
        .noneMatch(problem -> problem.contains("s3cret"));
    assertThat(problems(with(plain, probes, Optional.of(recording(100, "file:/k", "a{2,}")))))
        .isEmpty();
  }

  private static RecordingSpec recording(int percent, String key, String pattern) {
    return new RecordingSpec(
        Percentage.of(percent),
        10,
        Duration.ofDays(1),
        key,
        List.of(new RecordingSpec.Redaction(pattern, "x")));
  }

  private static Service with(
      Service service, GeneratedTraffic traffic, Optional<RecordingSpec> recording) {
    ServiceSpec spec = service.spec();
    return new Service(
        service.metadata(),
        new ServiceSpec(
            spec.version(),
            spec.placements(),
            spec.release().withTraffic(Optional.of(traffic)),
            spec.traffic().withRecording(recording),
            spec.slo()),
        service.status());
  }

  private static List<String> generating(double rate, String prompt, int maxTokens) {
    return problems(generating(rate, maxTokens, prompt));
  }

  private static Service generating(double rate, int maxTokens, String... prompts) {
    Service plain =
        Resources.service(
            "chat", new VersionRef("chat", "2"), Resources.external("x", "chat@2", "http://a"));
    var traffic =
        new GeneratedTraffic(
            GeneratedTraffic.Source.PROBES,
            rate,
            GeneratedTraffic.ProbeApi.CHAT,
            List.of(prompts),
            maxTokens);
    ServiceSpec spec = plain.spec();
    return new Service(
        plain.metadata(),
        new ServiceSpec(
            spec.version(),
            spec.placements(),
            spec.release().withTraffic(Optional.of(traffic)),
            spec.traffic(),
            spec.slo()),
        plain.status());
  }

  @Test
  void a_rollout_goes_somewhere_else() {
    assertThat(problems(Resources.rollout("chat", 1, "chat@1", "chat@1")))
        .containsExactly("spec.to = chat@1: must be another version than from");
  }
}
