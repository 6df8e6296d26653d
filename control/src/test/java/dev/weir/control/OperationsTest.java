// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static dev.weir.control.ControlWorld.ONE;
import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.control.operations.ReplicaOperations.Order;
import dev.weir.control.operations.ReplicaOperations.Verb;
import dev.weir.model.status.ReplicaOrder.OrderKind;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.view.AuditEntry;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.ServiceView;
import dev.weir.model.view.ServiceView.ServingState;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Orders of operators about single replicas. The world itself fails a test in which a replica is
/// stopped or restarted that a gateway routes to, or that answers requests.
class OperationsTest {
  private static final Actor ANN = new Actor("ann", "127.0.0.1", "r9");
  private static final String ZERO = "chat-1-0";
  private static final String OTHER = "chat-1-1";

  @TempDir Path folder;

  private static CommandResult order(ControlWorld world, Verb verb, String replica) {
    return order(world, new Order("default", replica, verb, false, false));
  }

  private static CommandResult order(ControlWorld world, Order order) {
    return world.control().replicas().order(order, ANN, "noisy fan");
  }

  private static String done(CommandResult result) {
    assertThat(result).isInstanceOf(CommandResult.Done.class);
    return ((CommandResult.Done) result).message();
  }

  private static String refused(CommandResult result) {
    assertThat(result).isInstanceOf(CommandResult.Refused.class);
    return ((CommandResult.Refused) result).reason();
  }

  private static List<String> routed(ControlWorld world) {
    return world.control().published().snapshot().services().getFirst().stable().replicas().stream()
        .map(ReplicaEntry::name)
        .toList();
  }

  private static ReplicaView view(ControlWorld world, String name) {
    return world.control().views().replicas().stream()
        .filter(replica -> replica.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static ServiceView serving(ControlWorld world) {
    return world.control().views().serving().getFirst();
  }

  private static List<String> audited(ControlWorld world) {
    return world.store.audit(0, 1_000).stream()
        .filter(entry -> entry.action().startsWith("replica."))
        .map(AuditEntry::action)
        .toList();
  }

  private static ReplicaName name(int ordinal) {
    return new ReplicaName("default", "chat", ONE, ordinal);
  }

  @Test
  void a_cordoned_replica_gets_no_new_requests_and_lives_on() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      assertThat(serving(world).state()).isEqualTo(ServingState.SERVING);
      assertThat(done(order(world, Verb.CORDON, ZERO))).contains("no new requests");
      assertThat(routed(world)).as("at once").containsExactly(OTHER);
      world.gateways.getFirst().running(ZERO, 2);
      world.steps(400);
      assertThat(world.provider.running()).contains(name(0), name(1)).hasSize(2);
      assertThat(view(world, ZERO).state()).isEqualTo(ReplicaState.READY);
      assertThat(view(world, ZERO).order().orElseThrow().by()).isEqualTo("ann");
      assertThat(view(world, ZERO).reason()).isEqualTo("cordoned by ann (noisy fan)");
      assertThat(serving(world).state()).isEqualTo(ServingState.DEGRADED);
      assertThat(serving(world).reason()).isEqualTo("chat-1-0 cordoned by ann (noisy fan)");
      assertThat(serving(world).ready()).isEqualTo(1);
      assertThat(done(order(world, Verb.CORDON, ZERO))).contains("already");

      assertThat(done(order(world, Verb.UNCORDON, ZERO))).contains("gets requests again");
      assertThat(routed(world)).containsExactly(ZERO, OTHER);
      assertThat(audited(world)).containsExactly("replica.cordon", "replica.uncordon");
      assertThat(serving(world).state()).isEqualTo(ServingState.SERVING);
    }
  }

  @Test
  void a_drained_replica_stops_after_its_last_stream_and_stays_stopped_until_it_is_uncordoned() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      world.gateways.getFirst().running(ZERO, 1);
      String told = done(order(world, Verb.DRAIN, ZERO));
      assertThat(told).contains("2m at most").contains("uncordon");
      world.steps(60);
      assertThat(world.provider.running()).contains(name(0));
      assertThat(view(world, ZERO).state()).isEqualTo(ReplicaState.DRAINING);
      assertThat(view(world, ZERO).reason())
          .isEqualTo("drained by ann (noisy fan); draining: 1 request in flight on gw-a");
      world.gateways.getFirst().running(ZERO, 0);
      world.until("it is stopped", w -> !w.provider.running().contains(name(0)), 20);
      world.steps(300);
      assertThat(world.provider.running()).containsExactly(name(1));
      assertThat(view(world, ZERO).state()).isEqualTo(ReplicaState.STOPPED);
      assertThat(routed(world)).containsExactly(OTHER);

      done(order(world, Verb.UNCORDON, ZERO));
      world.until("it serves again", w -> routed(w).contains(ZERO), 20);
    }
  }

  @Test
  void a_restart_is_one_new_process_after_the_last_stream_and_then_back_in_routing() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      world.gateways.getFirst().running(ZERO, 1);
      done(order(world, Verb.RESTART, ZERO));
      world.steps(60);
      assertThat(world.provider.restarts(name(0))).isZero();
      assertThat(routed(world)).containsExactly(OTHER);
      world.gateways.getFirst().running(ZERO, 0);
      world.until("it is over", w -> w.service().status().orders().isEmpty(), 30);
      assertThat(routed(world)).containsExactly(ZERO, OTHER);
      world.steps(100);
      assertThat(world.provider.restarts(name(0))).isEqualTo(1);
      assertThat(audited(world)).containsExactly("replica.restart", "replica.restarted");
    }
  }

  @Test
  void a_restart_happens_once_however_often_the_control_plane_dies_meanwhile() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      world.provider.findAll();
      world.gateways.getFirst().running(ZERO, 1);
      done(order(world, Verb.RESTART, ZERO));
      for (int i = 0; i < 60; i++) {
        if (i == 25) {
          world.gateways.getFirst().running(ZERO, 0);
        }
        world.step();
        world.restart();
      }
      world.until("it is over", w -> w.service().status().orders().isEmpty(), 60);
      world.steps(60);
      assertThat(world.provider.restarts(name(0))).isEqualTo(1);
      assertThat(routed(world)).containsExactly(ZERO, OTHER);
      assertThat(audited(world)).containsExactly("replica.restart", "replica.restarted");
    }
  }

  @Test
  void a_drain_survives_the_death_of_the_control_plane_at_any_step() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      world.provider.findAll();
      world.gateways.getFirst().running(ZERO, 1);
      done(order(world, Verb.DRAIN, ZERO));
      for (int i = 0; i < 30; i++) {
        world.step();
        world.restart();
      }
      assertThat(world.provider.running()).contains(name(0));
      world.gateways.getFirst().running(ZERO, 0);
      world.until("it is stopped", w -> !w.provider.running().contains(name(0)), 60);
      world.restart();
      world.steps(200);
      assertThat(world.provider.running()).containsExactly(name(1));
      assertThat(world.service().status().order(ZERO).orElseThrow().kind())
          .isEqualTo(OrderKind.DRAIN);
    }
  }

  @Test
  void a_restart_at_once_waits_for_nothing() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      world.streamsMayBeCut = true;
      world.gateways.getFirst().running(ZERO, 1);
      world.gateways.getFirst().tick(world.control().published(), world.clock.millis());
      world.gateways.getFirst().send(world.control().feed());
      done(order(world, new Order("default", ZERO, Verb.RESTART, true, false)));
      world.until("it is over", w -> w.service().status().orders().isEmpty(), 10);
      assertThat(world.provider.restarts(name(0))).isEqualTo(1);
    }
  }

  @Test
  void the_last_replica_that_serves_is_taken_away_by_force_alone() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      done(order(world, Verb.CORDON, OTHER));
      for (Verb verb : List.of(Verb.CORDON, Verb.DRAIN, Verb.RESTART)) {
        assertThat(refused(order(world, verb, ZERO)))
            .contains("chat-1-0 is the last replica that serves chat@1")
            .contains("--force");
      }
      assertThat(routed(world)).containsExactly(ZERO);
      assertThat(order(world, Verb.DRAIN, "chat-1-7")).isInstanceOf(CommandResult.NotFound.class);
      assertThat(order(world, Verb.DRAIN, "nonsense")).isInstanceOf(CommandResult.NotFound.class);
      world.stableMayFail = true;
      done(order(world, new Order("default", ZERO, Verb.CORDON, false, true)));
      assertThat(serving(world).state()).isEqualTo(ServingState.DOWN);
    }
  }

  @Test
  void orders_that_contradict_each_other_are_refused_and_say_what_to_do() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      done(order(world, Verb.DRAIN, ZERO));
      assertThat(refused(order(world, Verb.CORDON, ZERO))).contains("weir replica uncordon");
      assertThat(refused(order(world, Verb.RESTART, ZERO))).contains("has the order Drain");
      done(order(world, Verb.UNCORDON, ZERO));
      assertThat(done(order(world, Verb.UNCORDON, ZERO))).contains("has no order");
    }
  }

  @Test
  void an_order_goes_with_its_replica() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      done(order(world, Verb.CORDON, ZERO));
      world.want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      world.control().commands().promote(ControlWorld.ref("chat-1"), ANN, "on");
      world.control().commands().promote(ControlWorld.ref("chat-1"), ANN, "on");
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 60);
      world.until("it is forgotten", w -> w.service().status().orders().isEmpty(), 30);
      assertThat(audited(world)).containsExactly("replica.cordon", "replica.forgotten");
    }
  }
}
