// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import static dev.weir.client.FakeControl.events;
import static dev.weir.client.FakeControl.json;
import static dev.weir.client.FakeControl.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.CliFixture;
import dev.weir.cli.FleetFixture;
import dev.weir.client.FakeControl;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.Manifests;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.GatewayView;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.ServiceView;
import dev.weir.model.view.ServiceView.ServingState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(30)
class GetCommandTest {
  private static final String SERVICES = "GET " + FleetFixture.SPACE + "services";
  private static final String WATCH = "GET /api/v1/watch";

  private final CliFixture shell = new CliFixture();
  private final FakeControl control = shell.control;

  @AfterEach
  void close() {
    assertThat(Thread.interrupted()).as("a leftover interrupt").isFalse();
    shell.close();
  }

  private static Service service(String stable, String message) {
    return FleetFixture.service(
        "chat@2", stable, stable.equals("chat@2") ? "" : "chat-2", 2, message);
  }

  private static GatewayView gateway(String id, long sequence, boolean connected) {
    return new GatewayView(
        id,
        "b00700000000001",
        "0.1.0",
        2,
        sequence,
        "sha256:0123",
        connected ? GatewayView.HashStatus.RIGHT : GatewayView.HashStatus.UNKNOWN,
        42,
        sequence == 42 ? 0 : 80_000,
        CliFixture.NOW.minusSeconds(90),
        CliFixture.NOW.minusSeconds(connected ? 0 : 75),
        connected ? 29_500 : 0,
        connected,
        "",
        false,
        List.of());
  }

  private static void fits(String text) {
    assertThat(text.lines()).allMatch(line -> line.length() <= 100);
  }

  private void serves(ServingState state, int ready, String reason) {
    control.on(
        "GET /api/v1/serving",
        json(
            "{\"items\":["
                + Json.write(
                    new ServiceView(
                        "chat",
                        "default",
                        Optional.of(new VersionRef("chat", "1")),
                        state,
                        ready,
                        2,
                        reason))
                + "]}"));
  }

  @Test
  void a_service_that_serves_another_version_than_it_names_is_out_of_sync() {
    Service behind = service("chat@1", "serving chat@1");
    Optional<String> reason = Optional.of("chat@2 was rolled back; `weir rollout retry chat`");
    control.on(
        SERVICES, CliFixture.items(9, behind.withStatus(behind.status().withOutOfSync(reason))));
    serves(ServingState.SERVING, 2, "");
    assertThat(shell.run("get", "services").out())
        .contains("Serving,OutOfSync")
        .contains("OutOfSync: chat@2 was rolled back; `weir rollout retry chat`");
    serves(ServingState.DEGRADED, 1, "chat-1-0 BackOff");
    assertThat(shell.run("get", "services").out())
        .contains("chat-1-0 BackOff; OutOfSync: chat@2 was rolled back");
  }

  @Test
  void a_service_without_a_ready_replica_is_never_shown_as_serving() {
    control.on(SERVICES, CliFixture.items(9, service("chat@1", "serving chat@1")));
    serves(ServingState.DOWN, 0, "chat-1-0 BackOff: exit code 1");
    assertThat(shell.run("get", "services").out())
        .isEqualTo(
            """
            NAME  WANTED  STABLE  READY  STATE  ROLLOUT  MESSAGE                        AGE
            chat  chat@2  chat@1  0/2    Down   chat-2   chat-1-0 BackOff: exit code 1  10m
            """);
  }

  @Test
  void a_misspelt_kind_has_a_suggestion_and_observed_kinds_name_the_command() {
    assertThat(shell.run("get", "servcies").err())
        .contains("unknown kind 'servcies' (did you mean services?): use one of models");
    assertThat(shell.run("describe", "replica", "chat-1-0").err())
        .contains("use `weir get replica chat-1-0 -o yaml`");
  }

  @Test
  void a_description_leaves_out_what_is_empty() {
    control.on(
        "GET " + FleetFixture.SPACE + "models/chat",
        json(Manifests.toJson(CliFixture.stored(Resources.model("chat"), 5))));
    assertThat(shell.run("describe", "model", "chat").out())
        .contains("Spec\n")
        .doesNotContain("[]")
        .doesNotContain("{}");
  }

  @Test
  void routes_show_their_names_and_their_backends() {
    Resource route =
        Manifests.read(
                """
                {apiVersion: weir.dev/v1, kind: Route, metadata: {name: r}, spec: {model: chat,
                aliases: [gpt], backends: [{service: own, weight: 3}], fallbacks: [{service: b}, {service: c}]}}
                """)
            .resources()
            .getFirst();
    control.on("GET /api/v1/namespaces/default/routes", CliFixture.items(9, route));
    assertThat(shell.run("get", "routes").out())
        .startsWith("NAME  MODELS    BACKENDS  FALLBACKS  AGE\nr     chat,gpt  own:3     b,c ");
  }

  @Test
  void services_are_a_table_with_long_messages_cut_to_fit() {
    String message =
        "step 2/4 at 5 %: safe: error 1.2/3.0, ttft 0.4/3.0; waiting for error, ttft, itl";
    control.on(SERVICES, CliFixture.items(9, service("chat@1", message)));
    serves(ServingState.SERVING, 2, "");
    shell.terminal = true;
    shell.env.put("NO_COLOR", "1");
    String text = shell.run("get", "services").out();
    assertThat(text)
        .isEqualTo(
            """
            NAME  WANTED  STABLE  READY  STATE    ROLLOUT  MESSAGE                                           AGE
            chat  chat@2  chat@1  2/2    Serving  chat-2   step 2/4 at 5 %: safe: error 1.2/3.0, ttft 0.4/…  10m
            """);
    fits(text);
    assertThat(shell.run("get", "services", "-o", "wide").out())
        .contains(message)
        .contains("REVISION  LABELS");
  }

  @Test
  void rollouts_are_a_table() {
    control.on(
        "GET " + FleetFixture.SPACE + "rollouts",
        CliFixture.items(
            20,
            FleetFixture.rollout(
                2, RolloutPhase.ROLLED_BACK, 1, 0, List.of("error", "truncated", "ttft"), "no"),
            FleetFixture.rollout(3, RolloutPhase.PROGRESSING, 0, 0.5, List.of(), "")));
    String text = shell.run("get", "rollouts").out();
    assertThat(text)
        .isEqualTo(
            """
            NAME    SERVICE  FROM    TO      PHASE        WEIGHT  DECIDED BY            AGE
            chat-2  chat     chat@1  chat@2  RolledBack   0%      error,truncated,ttft  10m
            chat-3  chat     chat@2  chat@3  Progressing  0.5%    -                     10m
            """);
  }

  @Test
  void replicas_are_a_table() {
    control.on(
        "GET /api/v1/replicas",
        CliFixture.observed(
            FleetFixture.replica("1", 0, ReplicaState.READY, ""),
            FleetFixture.replica(
                "2",
                1,
                ReplicaState.BACK_OFF,
                "exit status 1 after 3s, tries again in 20s: cannot load the weights from disk")));
    shell.terminal = true;
    shell.env.put("NO_COLOR", "1");
    String text = shell.run("get", "replicas").out();
    assertThat(text)
        .isEqualTo(
            """
            NAME      NAMESPACE  VERSION  TARGET  STATE    RESTARTS  AGE    REASON
            chat-1-0  default    chat@1   local   Ready    0         1m30s  -
            chat-2-1  default    chat@2   local   BackOff  1         1m30s  exit status 1 after 3s, tries again…
            """);
    fits(text);
    assertThat(shell.run("get", "replicas", "-o", "wide").out())
        .contains(
            "4001  http://127.0.0.1:9101  -       -        -        -   exit status 1 after 3s,"
                + " tries again in 20s: cannot");
    assertThat(shell.run("get", "replicas", "-n", "team").err()).isEqualTo("nothing found\n");
  }

  @Test
  void external_replicas_are_shown_with_their_endpoints() {
    ReplicaView own = FleetFixture.replica("1", 0, ReplicaState.READY, "ready");
    control.on(
        "GET /api/v1/replicas",
        CliFixture.observed(
            new ReplicaView(
                "chat-1-806738",
                own.namespace(),
                own.service(),
                own.version(),
                "ours",
                own.state(),
                own.endpoint(),
                Optional.empty(),
                0,
                own.since(),
                Optional.empty(),
                "ready")));
    assertThat(shell.run("get", "replicas").out())
        .contains("RESTARTS  AGE    ENDPOINT               REASON")
        .contains("1m30s  http://127.0.0.1:9100  ready");
  }

  @Test
  void engine_metrics_are_in_the_wide_table_and_old_values_show_their_age() {
    ReplicaView ready = FleetFixture.replica("1", 0, ReplicaState.READY, "ready");
    ReplicaView other = FleetFixture.replica("1", 1, ReplicaState.READY, "ready");
    control.on(
        "GET /api/v1/replicas",
        CliFixture.observed(
            ready.with(
                Optional.of(
                    FleetFixture.engine(CliFixture.NOW.minusSeconds(3), Optional.of(0.253)))),
            other.with(
                Optional.of(
                    FleetFixture.engine(CliFixture.NOW.minusSeconds(40), Optional.empty())))));
    assertThat(shell.run("get", "replicas", "-o", "wide").out())
        .contains("ENGINE                 RUNNING  WAITING  KV     REASON")
        .contains("vllm 0.10.2            3        0        25.3%  ready")
        .contains("vllm 0.10.2 (40s old)  3        0        -      ready");
    assertThat(shell.run("get", "replicas", "-o", "json").out())
        .contains("\"kvUsage\": 0.253")
        .contains("\"vllm:kv_cache_usage_perc\"");
  }

  @Test
  void gateways_are_a_table() {
    control.on(
        "GET /api/v1/gateways",
        CliFixture.observed(gateway("gw-1", 42, true), gateway("gw-2", 40, false)));
    assertThat(shell.run("get", "gateways").out())
        .isEqualTo(
            """
            ID    VERSION  CONNECTED  SNAPSHOT  NEWEST  BEHIND    HASH     LEASE  SEEN
            gw-1  0.1.0    yes        42        42      -         right    29s    0s ago
            gw-2  0.1.0    no         40        42      2, 1m20s  unknown  none   1m15s ago
            """);
    assertThat(shell.run("get", "gateways", "-o", "wide").out())
        .contains("ACKNOWLEDGED  FORMAT")
        .contains("1m30s ago     2");
    assertThat(shell.run("get", "gateways", "gw-9").err())
        .isEqualTo("weir: gateway gw-9 does not exist: see `weir get gateways`\n");
  }

  @Test
  void the_json_output_of_a_list_is_one_document_even_when_it_is_empty() {
    control.on(SERVICES, CliFixture.items(9, service("chat@1", "m"), service("chat@2", "n")));
    JsonNode document =
        JsonMapper.shared().readTree(shell.run("get", "services", "-o", "json").out());
    assertThat(document.path("items").size()).isEqualTo(2);
    control.on(SERVICES, CliFixture.items(9));
    var ended = shell.run("get", "services", "-o", "json");
    assertThat(JsonMapper.shared().readTree(ended.out()).path("items").isEmpty()).isTrue();
    assertThat(ended.err()).isEmpty();
    assertThat(shell.run("get", "services").err()).isEqualTo("nothing found\n");
  }

  @Test
  void the_yaml_output_of_a_resource_can_be_read_again() {
    Service service = service("chat@1", "waits: for # traffic");
    FleetFixture.service(control, service);
    var parsed = Manifests.read(shell.run("get", "service/chat", "-o", "yaml").out());
    assertThat(parsed.problems()).isEmpty();
    assertThat(parsed.resources()).singleElement().isInstanceOf(Service.class);
    Service read = (Service) parsed.resources().getFirst();
    assertThat(read.spec()).isEqualTo(service.spec());
    assertThat(read.ref()).isEqualTo(service.ref());
  }

  @Test
  void pages_of_a_list_are_one_table() {
    control.on(
        SERVICES,
        FakeControl.json(
            "{\"items\":[" + Manifests.toJson(service("chat@1", "")) + "],\"continue\":\"x\"}"),
        CliFixture.items(9, service("chat@2", "")));
    assertThat(shell.run("get", "services").out().lines()).hasSize(3);
    assertThat(control.requests()).extracting(request -> request.query()).contains("continue=x");
  }

  private static String event(long revision, String name, Resource resource) {
    return "id: "
        + revision
        + "\nevent: "
        + name
        + "\ndata: "
        + Json.write(tree(resource))
        + "\n\n";
  }

  private static JsonNode tree(Resource resource) {
    return Manifests.toTree(resource);
  }

  private void interruptWhenPrinted(String text) {
    shell.printed =
        all -> {
          if (all.contains(text)) {
            shell.printed = _ -> {};
            Thread.currentThread().interrupt();
          }
        };
  }

  @Test
  void a_watch_prints_the_current_state_and_then_each_change_until_interrupted() {
    control.on(SERVICES, CliFixture.items(7, service("chat@1", "one")));
    control.on(
        WATCH,
        events(
            event(8, "put", service("chat@1", "two"))
                + event(9, "put", service("chat@2", "done"))));
    interruptWhenPrinted("done");
    var ended = shell.run("get", "services", "--watch");
    assertThat(ended.out())
        .isEqualTo(
            """
            NAME  WANTED  STABLE  READY  STATE  ROLLOUT  MESSAGE  AGE
            chat  chat@2  chat@1  -      -      chat-2   one      10m
            chat  chat@2  chat@1  -      -      chat-2   two      10m
            chat  chat@2  chat@2  -      -      -        done     10m
            """);
    assertThat(ended.err()).isEqualTo("weir: interrupted\n");
    assertThat(control.requests())
        .extracting(request -> request.query())
        .contains("after=7&kinds=services");
  }

  @Test
  void a_watch_lists_again_when_the_history_is_compacted_and_ends_when_it_is_refused() {
    control.on(
        SERVICES,
        CliFixture.items(7, service("chat@1", "one")),
        CliFixture.items(90, service("chat@1", "ninety")));
    control.on(
        WATCH,
        problem(410, "\"title\":\"Gone\""),
        problem(403, "\"title\":\"No\",\"detail\":\"ada may not watch services\""));
    var ended = shell.run("get", "services", "--watch");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out().lines()).hasSize(3).last().asString().contains("ninety");
    assertThat(ended.err()).isEqualTo("weir: ada may not watch services\n");
    assertThat(control.last().query()).isEqualTo("after=90&kinds=services");
  }

  @Test
  void a_watch_as_json_is_one_document_per_line_and_prints_deletions_on_standard_error() {
    control.on(SERVICES, CliFixture.items(7));
    control.on(
        WATCH,
        events(
            event(8, "put", service("chat@1", "two"))
                + event(9, "delete", service("chat@1", "two"))
                + event(10, "put", service("chat@2", "again"))));
    interruptWhenPrinted("again");
    var ended = shell.run("get", "services", "chat", "--watch", "-o", "json");
    assertThat(ended.out().lines())
        .hasSize(2)
        .allSatisfy(line -> assertThat(Json.resource(line)).isInstanceOf(Service.class));
    assertThat(ended.err())
        .isEqualTo("Service/default/chat deleted (revision 9)\nweir: interrupted\n");
  }

  @Test
  void observed_kinds_are_polled_and_only_changes_are_printed() {
    control.on(
        "GET /api/v1/replicas",
        CliFixture.observed(
            FleetFixture.replica("1", 0, ReplicaState.READY, ""),
            FleetFixture.replica("2", 0, ReplicaState.STARTING, "")),
        CliFixture.observed(
            FleetFixture.replica("1", 0, ReplicaState.READY, ""),
            FleetFixture.replica("2", 0, ReplicaState.READY, "")));
    Duration limit = Duration.ofSeconds(3);
    shell.pause =
        time -> {
          shell.clock.advance(time);
          if (!shell.clock.instant().isBefore(CliFixture.NOW.plus(limit))) {
            throw new InterruptedException("enough");
          }
        };
    assertThat(
            shell
                .run("get", "replicas", "-w")
                .out()
                .lines()
                .map(line -> line.substring(0, line.indexOf(" "))))
        .containsExactly("NAME", "chat-1-0", "chat-2-0", "chat-2-0");
    assertThat(control.requests()).hasSize(3);
  }
}
