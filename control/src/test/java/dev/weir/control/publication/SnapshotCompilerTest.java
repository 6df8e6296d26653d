// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.ResourceSnapshots;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.ApiKey;
import dev.weir.model.Principal;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.Route;
import dev.weir.model.Service;
import dev.weir.model.codec.Json;
import dev.weir.model.engine.BuiltInEngines;
import dev.weir.model.engine.EngineProfileSpec;
import dev.weir.model.spec.ApiKeySpec;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.spec.PrincipalSpec;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.spec.RouteSpec;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.spec.ServiceSpec.Breaker;
import dev.weir.model.spec.ServiceSpec.Concurrency;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.spec.ServiceSpec.ResumeFrom;
import dev.weir.model.spec.ServiceSpec.TenantLimits;
import dev.weir.model.spec.ServiceSpec.TrafficSpec;
import dev.weir.model.status.NoStatus;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.Limits;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.Priority;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.runtime.ObservedReplica;
import dev.weir.snapshot.EngineCapabilities;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.RoutingSnapshot.Admission;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SnapshotCompilerTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final VersionRef ONE = new VersionRef("chat", "1");
  private static final VersionRef TWO = new VersionRef("chat", "2");

  private final List<Resource> resources = new ArrayList<>();
  private final List<TargetReplica> replicas = new ArrayList<>();
  private Optional<RoutingSnapshot> previous = Optional.empty();
  private boolean adopting;

  SnapshotCompilerTest() {
    resources.add(Resources.target("local"));
    resources.add(Resources.version("chat", "1"));
    resources.add(Resources.version("chat", "2"));
  }

  private RoutingSnapshot compile() {
    return SnapshotCompiler.compile(
        new SnapshotInputs(
            resourceSnapshot(), ObservedFleet.of(replicas), NOW, 30_000, previous, adopting, 1));
  }

  private ResourceSnapshot resourceSnapshot() {
    return ResourceSnapshots.of(resources);
  }

  private void service(int count, Optional<String> rollout) {
    resources.add(
        Resources.service("chat", TWO, new Placement("local", count, Map.of()))
            .withStatus(
                ServiceStatus.empty()
                    .withStable(new StableVersion(ONE, 1))
                    .withRollout(rollout)
                    .withRollouts(1)));
  }

  private void rollout(RolloutPhase phase, double weight) {
    resources.add(
        Resources.rollout("chat", 1, "chat@1", "chat@2")
            .withStatus(Resources.rolloutStatus(phase, 0, weight)));
  }

  private void replica(VersionRef version, int ordinal, ReplicaState state) {
    String hash =
        DesiredReplicas.of(
                (Service)
                    resources.stream().filter(Service.class::isInstance).findFirst().orElseThrow(),
                Optional.of(probing()),
                resourceSnapshot(),
                1)
            .slots()
            .stream()
            .filter(slot -> slot.version().equals(version))
            .findFirst()
            .orElseThrow()
            .specHash();
    replicas.add(
        new TargetReplica(
            "local",
            new ObservedReplica(
                new ReplicaName("default", "chat", version, ordinal),
                hash,
                state,
                Optional.of(URI.create("http://127.0.0.1:" + (9000 + replicas.size()) + "/")),
                Optional.empty(),
                0,
                "launch-" + ordinal,
                NOW,
                "")));
  }

  private static Rollout probing() {
    return Resources.rollout("chat", 1, "chat@1", "chat@2")
        .withStatus(Resources.rolloutStatus(RolloutPhase.PROVISIONING, -1, 0));
  }

  private static List<String> names(List<ReplicaEntry> entries) {
    return entries.stream().map(ReplicaEntry::name).toList();
  }

  @Test
  void a_serving_canary_has_its_arm_with_the_weight_of_its_rollout() {
    service(1, Optional.of("chat-1"));
    rollout(RolloutPhase.PROGRESSING, 25);
    replica(ONE, 0, ReplicaState.READY);
    replica(TWO, 0, ReplicaState.READY);
    ServiceEntry entry = compile().services().getFirst();
    assertThat(names(entry.stable().replicas())).containsExactly("chat-1-0");
    assertThat(entry.stable().replicas().getFirst().url()).isEqualTo("http://127.0.0.1:9000");
    assertThat(entry.canary())
        .singleElement()
        .satisfies(canary -> {
          assertThat(canary.weightMillionths()).isEqualTo(250_000);
          assertThat(canary.rollout()).isEqualTo("default/chat-1");
          assertThat(names(canary.arm().replicas())).containsExactly("chat-2-0");
        });
  }

  @Test
  void an_arm_describes_its_engine_as_its_profile_does() {
    EngineProfileSpec profile =
        Json.read(
            """
            {"apis":["/v1/chat/completions","/v1/completions","/score"],
             "resume":["tokenIds"],"completionTokens":128,
             "contextTooLong":{"codes":["E1042"],"texts":["does not fit"]}}
            """,
            EngineProfileSpec.class);
    EngineSpec own =
        new EngineSpec(
            new EngineType("own-engine"),
            List.of(),
            List.of(),
            Optional.empty(),
            Map.of(),
            Optional.of(profile));
    resources.removeIf(resource -> resource.metadata().name().equals("chat-2"));
    resources.add(Resources.version("chat", "2", own));
    service(1, Optional.of("chat-1"));
    rollout(RolloutPhase.PROGRESSING, 25);
    replica(ONE, 0, ReplicaState.READY);
    replica(TWO, 0, ReplicaState.READY);

    ServiceEntry entry = compile().services().getFirst();

    Arm canary = entry.canary().getFirst().arm();
    assertThat(canary.replicas().getFirst().engine()).isEqualTo("own-engine");
    assertThat(canary.engine())
        .contains(
            new EngineCapabilities(
                List.of("/v1/chat/completions", "/v1/completions", "/score"),
                false,
                false,
                true,
                128,
                List.of("E1042"),
                List.of("does not fit")));
  }

  @Test
  void a_built_in_engine_needs_no_description() {
    service(1, Optional.empty());
    replica(ONE, 0, ReplicaState.READY);
    for (String name : BuiltInEngines.names()) {
      EngineSpec engine =
          new EngineSpec(new EngineType(name), List.of(), List.of(), Optional.empty(), Map.of());
      resources.removeIf(resource -> resource.metadata().name().equals("chat-1"));
      resources.add(Resources.version("chat", "1", engine));
      Arm stable = compile().services().getFirst().stable();
      assertThat(stable.replicas().getFirst().engine()).isEqualTo(name);
      assertThat(stable.engine()).as(name).isEmpty();
    }
  }

  @Test
  void an_arm_without_replicas_describes_its_engine() {
    service(1, Optional.empty());
    assertThat(compile().services().getFirst().stable().engine())
        .hasValueSatisfying(engine -> assertThat(engine.tokenIds()).isTrue());
  }

  @Test
  void without_weight_there_is_no_canary() {
    service(1, Optional.of("chat-1"));
    rollout(RolloutPhase.PROVISIONING, 0);
    replica(ONE, 0, ReplicaState.READY);
    replica(TWO, 0, ReplicaState.READY);
    assertThat(compile().services().getFirst().canary()).isEmpty();
  }

  @Test
  void equal_inputs_in_any_order_give_the_same_snapshot() {
    service(2, Optional.empty());
    replica(ONE, 0, ReplicaState.READY);
    replica(ONE, 1, ReplicaState.READY);
    RoutingSnapshot first = compile();
    replicas.addFirst(replicas.removeLast());
    assertThat(compile()).isEqualTo(first);
  }

  @Test
  void a_stable_version_of_which_nothing_is_ready_keeps_what_answered_before() {
    service(2, Optional.empty());
    replica(ONE, 0, ReplicaState.UNREADY);
    replica(ONE, 1, ReplicaState.FAILED);
    assertThat(names(compile().services().getFirst().stable().replicas()))
        .containsExactly("chat-1-0");
    replicas.clear();
    replica(ONE, 0, ReplicaState.UNREADY);
    replica(ONE, 1, ReplicaState.READY);
    assertThat(names(compile().services().getFirst().stable().replicas()))
        .containsExactly("chat-1-1");
  }

  @Test
  void while_providers_adopt_what_they_do_not_speak_of_stays_in_routing() {
    service(1, Optional.empty());
    replica(ONE, 0, ReplicaState.READY);
    previous = Optional.of(compile());
    replicas.clear();
    assertThat(compile().services().getFirst().stable().replicas()).isEmpty();
    adopting = true;
    assertThat(names(compile().services().getFirst().stable().replicas()))
        .containsExactly("chat-1-0");
    replica(ONE, 0, ReplicaState.BACK_OFF);
    assertThat(compile().services().getFirst().stable().replicas()).isEmpty();
  }

  @Test
  void a_service_is_called_by_its_name_unless_a_route_takes_it() {
    service(1, Optional.empty());
    assertThat(compile().routes()).extracting(RouteEntry::model).containsExactly("chat");
    resources.add(
        new Route(
            Resources.named("talk"),
            new RouteSpec(
                "talk",
                List.of(new RouteSpec.Backend("chat", 3), new RouteSpec.Backend("gone", 1))),
            new NoStatus()));
    RoutingSnapshot snapshot = compile();
    assertThat(snapshot.routes()).extracting(RouteEntry::model).containsExactly("chat", "talk");
    assertThat(snapshot.routes().getLast().backends())
        .containsExactly(new RoutingSnapshot.Backend("default/chat", 3));
  }

  @Test
  void each_name_of_a_route_leads_the_same_way() {
    service(1, Optional.empty());
    resources.add(
        new Route(
            Resources.named("talk"),
            new RouteSpec(
                "talk",
                List.of("gpt"),
                List.of(
                    new RouteSpec.Rule(
                        Map.of("x-team", "search"),
                        List.of("b"),
                        List.of(new RouteSpec.Backend("chat", 1)))),
                List.of(new RouteSpec.Backend("chat", 3)),
                List.of(
                    new RouteSpec.Fallback("gone", List.of(RouteSpec.Cause.DOWN)),
                    new RouteSpec.Fallback(
                        "chat",
                        List.of(RouteSpec.Cause.CONTEXT_TOO_LONG, RouteSpec.Cause.SATURATED))),
                Optional.of(new RouteSpec.Mirror("chat", Percentage.of(0.5))),
                new RouteSpec.Ceilings(
                    Optional.empty(),
                    Optional.of(Duration.ofSeconds(3)),
                    Optional.empty(),
                    Optional.of(Duration.ofMinutes(1)))),
            new NoStatus()));
    RouteEntry talk = compile().routes().getLast();
    assertThat(compile().routes())
        .extracting(RouteEntry::model)
        .containsExactly("chat", "gpt", "talk");
    assertThat(compile().routes().get(1)).isEqualTo(talk.withAlias("gpt"));
    assertThat(talk)
        .isEqualTo(
            new RouteEntry(
                "talk",
                "default",
                List.of(new RoutingSnapshot.Backend("default/chat", 3)),
                "talk",
                List.of(
                    new RoutingSnapshot.Rule(
                        Map.of("x-team", "search"),
                        List.of("b"),
                        List.of(new RoutingSnapshot.Backend("default/chat", 1)))),
                List.of(
                    new RoutingSnapshot.Fallback(
                        "default/chat",
                        List.of(
                            RoutingSnapshot.Cause.SATURATED,
                            RoutingSnapshot.Cause.CONTEXT_TOO_LONG))),
                List.of(new RoutingSnapshot.Mirror("default/chat", 5_000)),
                new RoutingSnapshot.Ceilings(0, 3_000, 0, 60_000)));
  }

  @Test
  void only_keys_that_may_call_are_in_it() {
    resources.add(Resources.principal("app"));
    resources.add(Resources.principal("viewer"));
    resources.add(
        new Principal(
            Metadata.of("", "gone"),
            new PrincipalSpec(
                PrincipalSpec.PrincipalType.USER, Optional.empty(), Optional.empty(), true),
            new NoStatus()));
    resources.add(Resources.roleBinding("a", "app", Role.INFERENCE));
    resources.add(Resources.roleBinding("b", "viewer", Role.VIEWER));
    resources.add(Resources.roleBinding("c", "gone", Role.INFERENCE));
    resources.add(key("good", "app", Optional.of(NOW.plusSeconds(1)), false));
    resources.add(key("expired", "app", Optional.of(NOW), false));
    resources.add(key("revoked", "app", Optional.empty(), true));
    resources.add(key("looks-only", "viewer", Optional.empty(), false));
    resources.add(key("disabled", "gone", Optional.empty(), false));
    resources.add(key("nobody", "unknown", Optional.empty(), false));
    assertThat(compile().keys())
        .extracting(KeyEntry::principal, KeyEntry::expiresAtMillis)
        .containsExactly(tuple("app", NOW.plusSeconds(1).toEpochMilli()));
  }

  @Test
  void limits_priority_and_shares_reach_the_gateways() {
    Limits limits = new Limits(60, 9_000, 4);
    resources.add(Resources.principal("app"));
    resources.add(Resources.roleBinding("a", "app", Role.INFERENCE));
    resources.add(
        new ApiKey(
            Resources.named("limited"),
            new ApiKeySpec(
                "app",
                Resources.DIGEST,
                "",
                Optional.empty(),
                List.of(),
                false,
                limits,
                Priority.LOW,
                false),
            new NoStatus()));
    TrafficSpec usual = Resources.traffic();
    resources.add(
        new Service(
            Resources.named("chat"),
            new ServiceSpec(
                ONE,
                List.of(new Placement("local", 1, Map.of())),
                Resources.release(),
                new TrafficSpec(
                    usual.timeouts(),
                    usual.retries(),
                    new Breaker(3, Duration.ofSeconds(2), Percentage.of(20), Percentage.of(40)),
                    64,
                    true,
                    Optional.empty(),
                    limits,
                    new TenantLimits(30, 0, 2, Map.of("acme", 3)),
                    new Concurrency(16, Duration.ofSeconds(5)),
                    7,
                    true,
                    ResumeFrom.TOKENS)),
            ServiceStatus.empty()));

    RoutingSnapshot compiled = compile();

    var told = new RoutingSnapshot.Limits(60, 9_000, 4);
    assertThat(compiled.keys().getFirst().limits()).isEqualTo(told);
    assertThat(compiled.keys().getFirst().priority()).isEqualTo(RoutingSnapshot.Priority.LOW);
    assertThat(compiled.services().getFirst().admission())
        .isEqualTo(
            new Admission(
                told, new RoutingSnapshot.Limits(30, 0, 2), Map.of("acme", 3), 16, 5_000));
    assertThat(compiled.services().getFirst().isolation())
        .isEqualTo(new RoutingSnapshot.Isolation(3, 2_000, 20, 40, 64));
    assertThat(compiled.services().getFirst().breaks())
        .isEqualTo(new RoutingSnapshot.Breaks(7, true, true));
  }

  private static ApiKey key(
      String name, String principal, Optional<Instant> expires, boolean revoked) {
    return new ApiKey(
        Resources.named(name),
        new ApiKeySpec(principal, Resources.DIGEST, "", expires, List.of(), false, revoked),
        new NoStatus());
  }
}
