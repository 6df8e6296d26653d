// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.deployment.DeploymentPlanner.Action;
import dev.weir.control.deployment.DesiredReplicas.Slot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.Resources;
import dev.weir.model.spec.ModelVersionSpec;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.runtime.ObservedReplica;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeploymentPlannerTest {
  private static final VersionRef ONE = new VersionRef("chat", "1");
  private static final VersionRef TWO = new VersionRef("chat", "2");
  private static final Instant NOW = Instant.parse("2026-01-01T00:10:00Z");

  private static Slot slot(VersionRef version, String target, String hash) {
    ModelVersionSpec spec = Resources.version("chat", version.version()).spec();
    return new Slot(version, target, hash, spec, Optional.empty(), 0, 1);
  }

  private static TargetReplica targetReplica(
      VersionRef version, int ordinal, String target, String hash, ReplicaState state) {
    return new TargetReplica(
        target,
        new ObservedReplica(
            name(version, ordinal),
            hash,
            state,
            Optional.of(URI.create("http://127.0.0.1:" + (9000 + ordinal))),
            Optional.empty(),
            0,
            "launch-" + ordinal,
            Instant.EPOCH,
            ""));
  }

  private static ReplicaName name(VersionRef version, int ordinal) {
    return new ReplicaName("default", "chat", version, ordinal);
  }

  private static SlotAssignment members(List<Slot> slots, List<TargetReplica> targetReplicas) {
    return SlotAssignment.of("default", "chat", slots, targetReplicas, List.of());
  }

  @Test
  void missing_replicas_are_started_under_free_names() {
    SlotAssignment members =
        members(
            List.of(slot(ONE, "local", "h"), slot(ONE, "local", "h"), slot(ONE, "local", "h")),
            List.of(targetReplica(ONE, 1, "local", "h", ReplicaState.READY)));
    assertThat(DeploymentPlanner.plan(members, Set.of(), ONE, Map.of(), NOW))
        .extracting(a -> ((Action.Ensure) a).intent().name())
        .containsExactly(name(ONE, 0), name(ONE, 2));
  }

  @Test
  void a_replica_that_moves_is_held_until_the_new_one_is_ready() {
    List<Slot> wanted = List.of(slot(ONE, "b", "h"));
    TargetReplica old = targetReplica(ONE, 0, "a", "h", ReplicaState.READY);
    SlotAssignment before = members(wanted, List.of(old));
    assertThat(before.routable(old.name())).isTrue();
    assertThat(before.stopping()).isEmpty();
    SlotAssignment loading =
        members(wanted, List.of(old, targetReplica(ONE, 1, "b", "h", ReplicaState.STARTING)));
    assertThat(loading.routable(old.name())).isTrue();
    SlotAssignment after =
        members(wanted, List.of(old, targetReplica(ONE, 1, "b", "h", ReplicaState.READY)));
    assertThat(after.routable(old.name())).isFalse();
    assertThat(after.stopping()).containsExactly(old.name());
  }

  @Test
  void scaling_down_lets_the_surplus_go_and_keeps_what_is_ready() {
    SlotAssignment members =
        members(
            List.of(slot(ONE, "local", "h")),
            List.of(
                targetReplica(ONE, 0, "local", "h", ReplicaState.STARTING),
                targetReplica(ONE, 1, "local", "h", ReplicaState.READY)));
    assertThat(members.placed()).containsOnlyKeys(name(ONE, 1));
    assertThat(members.stopping()).containsExactly(name(ONE, 0));
  }

  @Test
  void a_stable_replica_that_was_given_up_is_tried_again_and_a_canary_is_not() {
    List<Slot> wanted = List.of(slot(ONE, "local", "h"), slot(TWO, "local", "h"));
    SlotAssignment members =
        members(
            wanted,
            List.of(
                targetReplica(ONE, 0, "local", "h", ReplicaState.FAILED),
                targetReplica(TWO, 0, "local", "h", ReplicaState.FAILED)));
    assertThat(DeploymentPlanner.plan(members, Set.of(), ONE, Map.of(), NOW))
        .containsExactly(new Action.Restart("local", name(ONE, 0), "launch-0"));
  }

  @Test
  void whatever_there_is_no_routed_replica_is_stopped_and_wants_are_met_in_the_end() {
    Random random = new Random(42);
    ReplicaState[] states = ReplicaState.values();
    for (int i = 0; i < 3_000; i++) {
      List<Slot> slots = new ArrayList<>();
      for (int n = random.nextInt(5); n > 0; n--) {
        slots.add(
            slot(
                random.nextBoolean() ? ONE : TWO,
                random.nextBoolean() ? "a" : "b",
                random.nextBoolean() ? "h" : "k"));
      }
      List<TargetReplica> targetReplicas = new ArrayList<>();
      for (int n = 0; n < random.nextInt(6); n++) {
        targetReplicas.add(
            targetReplica(
                random.nextBoolean() ? ONE : TWO,
                n,
                random.nextBoolean() ? "a" : "b",
                random.nextBoolean() ? "h" : "k",
                states[random.nextInt(states.length)]));
      }
      SlotAssignment members = members(slots, targetReplicas);
      Set<ReplicaName> everything = new HashSet<>();
      targetReplicas.forEach(s -> everything.add(s.name()));

      assertThat(members.placed()).hasSize(slots.size());
      assertThat(members.placed().values()).containsExactlyInAnyOrderElementsOf(slots);
      for (Action action : DeploymentPlanner.plan(members, everything, ONE, Map.of(), NOW)) {
        if (action instanceof Action.Stop(String _, ReplicaName name)) {
          assertThat(members.routable(name)).isFalse();
        }
      }
      assertThat(DeploymentPlanner.plan(members, Set.of(), ONE, Map.of(), NOW))
          .noneMatch(Action.Stop.class::isInstance);
      for (VersionRef version : List.of(ONE, TWO)) {
        long readyAndRouted =
            targetReplicas.stream()
                .filter(s -> s.version().equals(version) && s.ready())
                .filter(s -> members.routable(s.name()))
                .count();
        long ready =
            targetReplicas.stream().filter(s -> s.version().equals(version) && s.ready()).count();
        assertThat(readyAndRouted)
            .as("capacity of a version is never given up below what is wanted")
            .isGreaterThanOrEqualTo(Math.min(ready, members.wanted(version)));
      }
    }
  }
}
