// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static dev.weir.control.ControlWorld.ONE;
import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.alert.Notifier;
import dev.weir.control.audit.AuditWitnesses;
import dev.weir.control.audit.WitnessMemory;
import dev.weir.control.change.Change;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.StoreChangeExecutor;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.deployment.GracefulShutdown;
import dev.weir.control.external.MetricProvider;
import dev.weir.control.observation.Fleet;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import dev.weir.runtime.NameResolver;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrderlyStopTest {
  private static final Actor ADA = new Actor("ada", "127.0.0.1", "r1");
  private static final Duration GRACE = Duration.ofSeconds(10);

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock();
  private final List<ReplicaName> asked = new ArrayList<>();
  private final FakeProvider own = new FakeProvider(clock, asked::add);
  private final FakeProvider elsewhere = new FakeProvider(clock, asked::add);

  @Test
  void an_orderly_end_stops_every_replica_and_starts_none_again() {
    try (Store store = SqliteStore.open(folder, clock)) {
      Control control = serving(store);
      assertThat(own.running()).hasSize(3);
      control.stopReplicas(GRACE, this::pause);
      assertThat(own.running()).isEmpty();
      assertThat(asked).hasSize(3).doesNotHaveDuplicates();
      control.pass();
      assertThat(own.running()).isEmpty();
    }
  }

  @Test
  void closing_leaves_replicas_running_for_the_next_control_plane() {
    try (Store store = SqliteStore.open(folder, clock)) {
      serving(store).close();
      assertThat(own.running()).hasSize(3);
      assertThat(asked).isEmpty();
    }
  }

  @Test
  void a_replica_that_does_not_stop_is_named_and_not_waited_for_without_end() {
    try (Fleet fleet = fleet()) {
      own.neverStop(TWO);
      start(fleet, "local", ONE);
      start(fleet, "local", TWO);
      Instant begun = clock.instant();
      List<ReplicaName> left = new GracefulShutdown(fleet, clock, this::pause).run(GRACE);
      assertThat(left).containsExactly(name(TWO));
      assertThat(own.running()).containsExactly(name(TWO));
      assertThat(asked).containsExactly(name(ONE), name(TWO));
      assertThat(Duration.between(begun, clock.instant())).isBetween(GRACE, GRACE.plusSeconds(4));
    }
  }

  @Test
  void replicas_of_others_are_left_alone() {
    try (Fleet fleet = fleet()) {
      start(fleet, "local", ONE);
      start(fleet, "elsewhere", TWO);
      assertThat(new GracefulShutdown(fleet, clock, this::pause).run(GRACE)).isEmpty();
      assertThat(asked).containsExactly(name(ONE));
      assertThat(elsewhere.running()).containsExactly(name(TWO));
    }
  }

  @Test
  void replicas_of_a_target_that_was_deleted_before_a_death_are_stopped_by_the_next_life() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.serving();
      world.provider.findAll();
      world.deleteService();
      world.delete(ResourceRef.of(Kind.TARGET, "", "local"));
      world.restart();
      world.until("nothing is left", w -> w.provider.running().isEmpty(), 30);
    }
  }

  private void pause() {
    clock.advance(Duration.ofMillis(100));
    own.tick();
    elsewhere.tick();
  }

  private Control serving(Store store) {
    Control control =
        Control.assemble(
            store,
            new AuditWitnesses(store, WitnessMemory.NONE, clock, clock),
            new StoreChangeExecutor(store),
            Map.of(ProviderType.PROCESS, own),
            NameResolver.SYSTEM,
            Notifier.NONE,
            MetricProvider.NONE,
            ControlOptions.defaults(),
            clock,
            clock,
            new Random(5),
            CrashPoints.NONE);
    List<Resource> wanted =
        List.of(
            Resources.model("chat"),
            Resources.target("local"),
            Resources.version("chat", "1"),
            Resources.service("chat", ONE, new Placement("local", 3, Map.of())));
    for (Resource resource : wanted) {
      var _ =
          new StoreChangeExecutor(store)
              .execute(new Change.Apply(resource, OptionalLong.empty()), ADA, "test");
    }
    for (int i = 0; i < 10; i++) {
      pause();
      control.pass();
    }
    return control;
  }

  private Fleet fleet() {
    Fleet fleet =
        new Fleet(
            Map.of(ProviderType.PROCESS, own, ProviderType.EXTERNAL, elsewhere),
            () -> {},
            UnaryOperator.identity());
    fleet.follow(
        List.of(Resources.target("local"), Resources.target("elsewhere", ProviderType.EXTERNAL)));
    return fleet;
  }

  private static void start(Fleet fleet, String target, VersionRef version) {
    Provider provider = fleet.provider(target).orElseThrow();
    provider.ensure(
        new ReplicaIntent(
            name(version),
            "hash",
            Resources.simulated(),
            "chat",
            Duration.ofMinutes(1),
            Optional.empty(),
            1,
            Optional.empty(),
            Optional.empty()));
  }

  private static ReplicaName name(VersionRef version) {
    return new ReplicaName("default", "chat", version, 0);
  }
}
