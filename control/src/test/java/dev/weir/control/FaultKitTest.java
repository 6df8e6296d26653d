// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.operations.FaultOperations.Result;
import dev.weir.model.Resources;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.Fault;
import dev.weir.model.status.Fault.FaultKind;
import dev.weir.model.status.Fault.ProbeResult;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.AuditEntry;
import dev.weir.model.view.FaultRequest;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.ServiceView;
import dev.weir.model.view.ServiceView.ServingState;
import dev.weir.snapshot.RoutingSnapshot.FaultEntry;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Faults from the order to the snapshot that gateways serve, and to their end.
class FaultKitTest {
  private static final Actor ANN = new Actor("ann", "127.0.0.1", "r9");
  private static final String ZERO = "chat-1-0";

  @TempDir Path folder;

  private static FaultRequest cut(String target) {
    return request(target, FaultKind.CUT, Optional.empty(), Optional.empty(), false);
  }

  private static FaultRequest request(
      String target,
      FaultKind kind,
      Optional<String> version,
      Optional<ProbeResult> probeResult,
      boolean acknowledged) {
    boolean cuts = kind == FaultKind.CUT;
    return new FaultRequest(
        target,
        kind,
        version,
        cuts ? Optional.of(Percentage.of(20)) : Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        cuts ? Optional.of(10) : Optional.empty(),
        probeResult,
        Duration.ofMinutes(1),
        acknowledged);
  }

  private static Result inject(ControlWorld world, FaultRequest request, boolean mayAffectReal) {
    return world.control().faults().inject("default", request, mayAffectReal, ANN, "game day");
  }

  private static Fault injected(ControlWorld world, FaultRequest request) {
    Result result = inject(world, request, false);
    assertThat(result).isInstanceOf(Result.Done.class);
    return ((Result.Done) result).answer().faults().getFirst();
  }

  private static ServiceEntry published(ControlWorld world) {
    return world.control().published().snapshot().services().getFirst();
  }

  private static List<String> audited(ControlWorld world) {
    return world.store.audit(0, 1_000).stream()
        .filter(entry -> entry.action().startsWith("fault."))
        .map(FaultKitTest::describe)
        .toList();
  }

  private static String describe(AuditEntry entry) {
    return "%s %s %s: %s"
        .formatted(entry.principal(), entry.action(), entry.subject(), entry.reason());
  }

  @Test
  void a_fault_is_published_at_once_outlives_a_restart_and_ends_by_itself() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      Fault fault = injected(world, cut("chat"));
      String name = fault.name();
      FaultEntry entry = published(world).faults().getFirst();
      assertThat(entry.name()).isEqualTo(name);
      assertThat(entry.shareMillionths()).isEqualTo(200_000);
      assertThat(entry.after()).isEqualTo(10);
      assertThat(entry.real()).isFalse();
      assertThat(entry.untilMillis()).isEqualTo(world.clock.instant().toEpochMilli() + 60_000);

      world.steps(20);
      world.restart();
      assertThat(published(world).faults()).hasSize(1);
      assertThat(world.control().faults().list("default")).containsExactly(fault);

      world.until("it is over", w -> published(w).faults().isEmpty(), 101);
      assertThat(world.clock.instant()).isEqualTo(fault.until());
      world.steps(2);
      assertThat(world.service().status().faults()).isEmpty();
      assertThat(audited(world))
          .containsExactly(
              "ann fault.inject Fault/default/%s: %s: cut after 10 events, 20%% of the attempts at all of chat (game day)"
                  .formatted(name, name),
              "weir fault.over Fault/default/%s: its duration has ended".formatted(name));
    }
  }

  @Test
  void a_fault_that_is_over_is_published_no_more_though_nobody_has_taken_it_away_yet() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      injected(world, cut("chat"));
      world.clock.advance(Duration.ofMinutes(1));
      world.restart();
      assertThat(world.service().status().faults()).hasSize(1);
      assertThat(published(world).faults()).isEmpty();
      assertThat(world.control().faults().list("default")).isEmpty();
    }
  }

  @Test
  void faults_are_cleared_by_name_or_all_at_once() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      Fault first = injected(world, cut("chat"));
      Fault second = injected(world, cut(ZERO));
      assertThat(second.name()).isNotEqualTo(first.name());
      assertThat(second.replica()).contains(ZERO);
      Result cleared =
          world.control().faults().clear("default", Optional.of(first.name()), ANN, "enough");
      assertThat(((Result.Done) cleared).answer().faults()).containsExactly(first);
      assertThat(published(world).faults())
          .extracting(FaultEntry::name)
          .containsExactly(second.name());
      assertThat(world.control().faults().clear("default", Optional.of(first.name()), ANN, ""))
          .isInstanceOf(Result.NotFound.class);
      assertThat(world.control().faults().clear("other", Optional.of(second.name()), ANN, ""))
          .isInstanceOf(Result.NotFound.class);

      Result all = world.control().faults().clear("default", Optional.empty(), ANN, "");
      assertThat(((Result.Done) all).answer().message()).isEqualTo("cleared " + second.name());
      assertThat(published(world).faults()).isEmpty();
      Result none = world.control().faults().clear("default", Optional.empty(), ANN, "");
      assertThat(((Result.Done) none).answer().message()).isEqualTo("no fault is injected");
      assertThat(audited(world).get(2)).startsWith("ann fault.clear").endsWith(": enough");
    }
  }

  @Test
  void a_replica_whose_probe_lies_leaves_routing_and_comes_back() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      FaultRequest hidden =
          request(
              ZERO, FaultKind.HEALTH, Optional.empty(), Optional.of(ProbeResult.UNREADY), false);
      Fault fault = injected(world, hidden);
      assertThat(published(world).faults()).as("nothing for gateways to do").isEmpty();
      assertThat(routed(world)).containsExactly("chat-1-1");
      ReplicaView view =
          world.control().views().replicas().stream()
              .filter(replica -> replica.name().equals(ZERO))
              .findFirst()
              .orElseThrow();
      assertThat(view.state()).isEqualTo(ReplicaState.UNREADY);
      assertThat(view.reason())
          .isEqualTo(
              "injected fault %s: healthy although its probe reports unready"
                  .formatted(fault.name()));

      world.until("its time is up", w -> routed(w).size() == 2, 121);
      assertThat(world.provider.starts().values()).as("nobody was restarted").containsOnly(1);
    }
  }

  @Test
  void probes_that_all_lie_do_not_take_the_service_down() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      injected(
          world,
          request(
              "chat", FaultKind.HEALTH, Optional.empty(), Optional.of(ProbeResult.UNREADY), false));
      world.steps(4);
      assertThat(routed(world)).hasSize(2);
    }
  }

  @Test
  void a_replica_that_is_dead_behind_a_good_probe_answers_with_errors() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      injected(world, request(ZERO, FaultKind.HEALTH, Optional.empty(), Optional.empty(), false));
      FaultEntry entry = published(world).faults().getFirst();
      assertThat(entry.kind()).hasToString("ERROR");
      assertThat(entry.status()).isEqualTo(500);
      assertThat(entry.effect()).isEqualTo("fails although its probe reports ready");
      assertThat(routed(world)).contains(ZERO);
    }
  }

  private static List<String> routed(ControlWorld world) {
    return published(world).stable().replicas().stream().map(ReplicaEntry::name).toList();
  }

  @Test
  void real_replicas_ask_for_a_right_and_for_a_word() {
    try (ControlWorld world = new ControlWorld(folder)) {
      EngineSpec vllm =
          new EngineSpec(
              new EngineType("vllm"),
              List.of("vllm", "serve"),
              List.of(),
              Optional.empty(),
              Map.of());
      world.apply(Resources.version("chat", "4", vllm));
      world.apply(Resources.target("there", ProviderType.EXTERNAL));
      world.want(
          new VersionRef("chat", "4"),
          Resources.external("there", "chat@4", "http://10.0.0.2:8000"));
      world.until("it serves", w -> w.service().status().stable().isPresent(), 20);
      FaultRequest silent = cut("chat");
      FaultRequest said = request("chat", FaultKind.CUT, Optional.empty(), Optional.empty(), true);
      assertThat(inject(world, said, false))
          .isInstanceOfSatisfying(
              Result.Forbidden.class,
              refused ->
                  assertThat(refused.reason())
                      .isEqualTo(
                          "needs the role admin in namespace default to disturb real replicas: chat@4"));
      assertThat(inject(world, silent, true))
          .isInstanceOfSatisfying(
              Result.Invalid.class,
              refused -> {
                assertThat(refused.problem().path()).isEqualTo("acknowledgeRealTraffic");
                assertThat(refused.problem().message()).contains("chat@4 is not simulated");
              });
      assertThat(published(world).faults()).isEmpty();
      assertThat(inject(world, said, true)).isInstanceOf(Result.Done.class);
      assertThat(published(world).faults().getFirst().real()).isTrue();
    }
  }

  @Test
  void what_is_not_there_is_named() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      assertThat(invalid(inject(world, cut("chatt"), true))).startsWith("target must be a Service");
      assertThat(invalid(inject(world, cut("chat-1-7"), true))).startsWith("target must be");
      FaultRequest three =
          request("chat", FaultKind.CUT, Optional.of("3"), Optional.empty(), false);
      assertThat(invalid(inject(world, three, true)))
          .isEqualTo("version must be a version of chat that has replicas: 1");
      FaultRequest both = request(ZERO, FaultKind.CUT, Optional.of("1"), Optional.empty(), false);
      assertThat(invalid(inject(world, both, true))).startsWith("version must be left out");
      FaultRequest one = request("chat", FaultKind.CUT, Optional.of("1"), Optional.empty(), false);
      assertThat(injected(world, one).version()).contains(ControlWorld.ONE);
    }
  }

  private static String invalid(Result result) {
    assertThat(result).isInstanceOf(Result.Invalid.class);
    return ((Result.Invalid) result).problem().path()
        + " "
        + ((Result.Invalid) result).problem().message();
  }

  @Test
  void a_service_has_not_too_many_faults_at_once() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      for (int i = 0; i < ServiceStatus.MOST_FAULTS; i++) {
        injected(world, cut("chat"));
      }
      assertThat(inject(world, cut("chat"), true)).isInstanceOf(Result.Refused.class);
    }
  }

  @Test
  void nobody_has_to_hunt_a_fault() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      Fault fault = injected(world, cut("chat"));
      ServiceView view = world.control().views().serving().getFirst();
      assertThat(view.state()).isEqualTo(ServingState.SERVING);
      assertThat(view.reason())
          .isEqualTo(
              "injected fault %s (cut after 10 events) until %s"
                  .formatted(fault.name(), fault.until()));
      assertThat(view.faults()).containsExactly(fault);
      world.clock.advance(Duration.ofMinutes(1));
      assertThat(world.control().views().serving().getFirst().reason()).isEmpty();
    }
  }

  @Test
  void a_fault_of_another_moment_is_stored_all_the_same() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      world.beforeNextWrite(() -> world.want(ControlWorld.ONE, 3));
      injected(world, cut("chat"));
      assertThat(world.service().spec().placements().getFirst().replicas()).isEqualTo(3);
      assertThat(published(world).faults()).hasSize(1);
    }
  }
}
