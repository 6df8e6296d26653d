// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import static dev.weir.control.ControlWorld.ONE;
import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.ControlWorld;
import dev.weir.control.SimulatedGateway.Behaviour;
import dev.weir.control.change.CommandResult;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.spec.ReleaseSpec.Capacity;
import dev.weir.model.spec.RolloutSpec.Loan;
import dev.weir.model.spec.RolloutSpec.Room;
import dev.weir.model.spec.RolloutSpec.Scale;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.VersionRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Releases on Targets that hold only so many replicas.
class ReleaseCapacityTest {
  private static final Behaviour GOOD = new Behaviour(.002, .2);
  private static final VersionRef EMBED = new VersionRef("embed", "1");

  @TempDir Path folder;

  /// Service `chat` serves with two replicas on a Target that holds so many.
  private ControlWorld world(int replicas) {
    ControlWorld world = new ControlWorld(folder);
    world.behaviours.put("chat@1", GOOD);
    world.behaviours.put("chat@2", GOOD);
    world.apply(Resources.target("local", Map.of("replicas", replicas)));
    return world;
  }

  @Test
  void without_room_a_release_waits_with_the_numbers_and_begins_when_there_is_some() {
    try (ControlWorld world = world(3)) {
      world.capacity = Capacity.SURGE;
      world.serving().want(TWO);
      world.steps(40);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PENDING);
      assertThat(world.progress("chat-1"))
          .isEqualTo(
              "not enough capacity: it needs 1 more replicas on local; 2 of 3 replicas on"
                  + " local are in use: default/chat 2");
      world.apply(Resources.target("local", Map.of("replicas", 4)));
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 1_000);
      assertThat(world.rollout("chat-1").spec().scale()).isEqualTo(new Scale(2, 1, Room.SURGE));
    }
  }

  @Test
  void a_release_that_finds_no_room_in_its_time_is_given_up() {
    try (ControlWorld world = world(3)) {
      world.capacity = Capacity.SURGE;
      world.serving().want(TWO);
      world.steps(10);
      world.clock.advance(Duration.ofHours(23));
      world.steps(10);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PENDING);
      world.clock.advance(Duration.ofHours(1));
      world.untilPhase("chat-1", RolloutPhase.ABORTED, 20);
      assertThat(world.rollout("chat-1").status().decidedBy()).containsExactly("maxWait");
      assertThat(world.evidence("chat-1").getLast().reason())
          .isEqualTo(
              "could not begin (not enough capacity: it needs 1 more replicas on local; 2 of 3"
                  + " replicas on local are in use: default/chat 2) for 24h");
      assertThat(world.stable()).isEqualTo(ONE);
    }
  }

  @Test
  void no_override_makes_room() {
    try (ControlWorld world = world(3)) {
      world.capacity = Capacity.SURGE;
      world.serving().want(TWO);
      world.steps(10);
      assertThat(
              world
                  .control()
                  .commands()
                  .override(ControlWorld.ref("chat-1"), ControlWorld.ADA, "now", Optional.empty()))
          .isInstanceOf(CommandResult.Done.class);
      world.steps(20);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.PENDING);
      assertThat(world.progress("chat-1")).startsWith("not enough capacity: ");
    }
  }

  @Test
  void in_place_there_are_never_more_replicas_than_there_is_room_for() {
    try (ControlWorld world = world(2)) {
      world.serving().want(TWO);
      world.until(
          "it is over",
          w -> {
            assertThat(w.provider.running()).hasSizeLessThanOrEqualTo(2);
            return w.phase("chat-1").terminal();
          },
          2_000);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.COMPLETED);
      assertThat(world.rollout("chat-1").spec().scale().room()).isEqualTo(Room.IN_PLACE);
      assertThat(world.runningVersions()).containsExactly(TWO);
    }
  }

  @Test
  void undo_on_a_full_target_takes_one_place_after_the_other() {
    try (ControlWorld world = world(3)) {
      world.want(ONE, 3);
      world.until("it serves", w -> w.service().status().stable().isPresent(), 20);
      world.steps(12);
      world.want(TWO, 3);
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 2_000);
      assertThat(
              world
                  .control()
                  .commands()
                  .rollback(world.service().ref(), Optional.empty(), ControlWorld.ADA, "it smells"))
          .isInstanceOf(CommandResult.Done.class);
      world.until(
          "it is over",
          w -> {
            assertThat(w.provider.running()).hasSizeBetween(2, 3);
            return w.phase("chat-2").terminal();
          },
          200);
      assertThat(world.phase("chat-2")).isEqualTo(RolloutPhase.COMPLETED);
      assertThat(world.rollout("chat-2").spec().scale().room()).isEqualTo(Room.IN_PLACE);
      assertThat(world.rollout("chat-2").status().decidedBy()).containsExactly("manual");
      assertThat(world.running(ONE)).isEqualTo(3);
    }
  }

  @Test
  void in_place_on_two_targets_none_waits_for_a_place_that_another_keeps() {
    try (ControlWorld world = world(2)) {
      world.apply(Resources.target("other", Map.of("replicas", 2)));
      Placement[] both = {new Placement("local", 2, Map.of()), new Placement("other", 2, Map.of())};
      world.want(ONE, both);
      world.until("it serves", w -> w.running(ONE) == 4, 20);
      world.steps(120);
      world.want(TWO, both);
      world.until(
          "it is over",
          w -> {
            assertThat(w.provider.running()).hasSizeLessThanOrEqualTo(4);
            return w.phase("chat-1").terminal();
          },
          2_000);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.COMPLETED);
      assertThat(world.running(TWO)).isEqualTo(4);
    }
  }

  @Test
  void a_bad_release_in_place_gives_the_places_back() {
    try (ControlWorld world = world(2)) {
      world.behaviours.put("chat@2", new Behaviour(.5, .4));
      world.serving().want(TWO);
      world.until(
          "it is over",
          w -> {
            assertThat(w.provider.running()).hasSizeLessThanOrEqualTo(2);
            return w.phase("chat-1").terminal();
          },
          2_000);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.ROLLED_BACK);
      world.until("all is as before", w -> w.running(ONE) == 2, 100);
    }
  }

  @Test
  void what_is_borrowed_comes_back_when_the_release_ends_whoever_dies_meanwhile() {
    try (ControlWorld world = world(5)) {
      world.capacity = Capacity.BORROW;
      world.serving();
      world.lending(3, 2);
      world.want(TWO);
      world.until(
          "it is over",
          w -> {
            assertThat(w.provider.running()).hasSizeLessThanOrEqualTo(5);
            assertThat(w.running(EMBED)).isPositive();
            if (w.phase("chat-1") == RolloutPhase.PROGRESSING && w.transitions.size() % 2 == 0) {
              w.restart();
            }
            return w.phase("chat-1").terminal();
          },
          1_000);
      assertThat(world.phase("chat-1")).isEqualTo(RolloutPhase.COMPLETED);
      assertThat(world.rollout("chat-1").spec().scale().loans())
          .containsExactly(new Loan("default/embed", "local", 2));
      world.until("all is given back", w -> w.running(EMBED) == 3, 200);
      assertThat(world.running(TWO)).isEqualTo(2);
    }
  }

  @Test
  void of_two_that_see_the_same_room_one_waits() {
    try (ControlWorld world = world(6)) {
      world.capacity = Capacity.SURGE;
      world.serving();
      world.lending(2, 0);
      world.apply(Resources.version("embed", "2"));
      Service embed =
          world.services().stream()
              .filter(service -> service.metadata().name().equals("embed"))
              .findFirst()
              .orElseThrow();
      world.want(TWO);
      world.apply(
          embed.withSpec(
              new ServiceSpec(
                  new VersionRef("embed", "2"),
                  embed.spec().placements(),
                  Resources.release().withCapacity(Capacity.SURGE),
                  embed.spec().traffic())));
      world.until("both are made", w -> w.rollouts().size() == 2, 10);
      world.steps(4);
      assertThat(world.rollouts())
          .filteredOn(rollout -> rollout.status().phase() == RolloutPhase.PENDING)
          .hasSize(1);
      assertThat(world.provider.running()).hasSize(6);
    }
  }
}
