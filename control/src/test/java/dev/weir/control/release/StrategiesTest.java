// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import static dev.weir.control.ControlWorld.ONE;
import static dev.weir.control.ControlWorld.THREE;
import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.ControlWorld;
import dev.weir.control.SimulatedGateway;
import dev.weir.control.SimulatedGateway.Behaviour;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.CommandResult;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.view.Evidence;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every strategy from end to end: a real store, a fake provider, gateways that draw their
/// requests.
class StrategiesTest {
  private static final String FIRST = "chat-1";
  private static final Actor ADA = ControlWorld.ADA;
  private static final Behaviour BAD = new Behaviour(.5, .2);

  @TempDir Path folder;

  private ControlWorld world() {
    return new ControlWorld(folder);
  }

  @Test
  void a_canary_waits_for_its_pause_and_at_its_gate_and_is_baked_before_it_is_stable() {
    try (ControlWorld world = world()) {
      world.manner = TestReleases.gatedCanary();
      world.serving().want(TWO);
      world.until("the proof is there", w -> w.rollout(FIRST).status().passedAt().isPresent(), 200);
      assertThat(world.rollout(FIRST).status().step()).isZero();
      assertThat(world.progress(FIRST)).contains("lasts until");
      world.untilPhase(FIRST, RolloutPhase.PAUSED, 200);
      assertThat(world.rollout(FIRST).status().message())
          .contains("at the gate", "weir rollout promote chat");
      world.steps(60);
      assertThat(world.phase(FIRST)).isEqualTo(RolloutPhase.PAUSED);

      assertThat(world.control().commands().promote(ControlWorld.ref(FIRST), ADA, "looks fine"))
          .isInstanceOf(CommandResult.Done.class);
      world.untilPhase(FIRST, RolloutPhase.PROMOTING, 10);
      assertThat(world.rollout(FIRST).status().weight()).isEqualTo(80);
      assertThat(world.stable()).isEqualTo(ONE);
      world.untilPhase(FIRST, RolloutPhase.COMPLETED, 60);
      assertThat(world.stable()).isEqualTo(TWO);
      assertThat(world.runningVersions()).containsExactly(TWO);
    }
  }

  @Test
  void a_gate_that_nobody_opens_is_given_up_after_the_longest_wait() {
    try (ControlWorld world = world()) {
      world.manner =
          release ->
              TestReleases.waiting(
                  Duration.ofMinutes(3), TestReleases.gatedCanary().apply(release));
      world.serving().want(TWO);
      world.untilPhase(FIRST, RolloutPhase.PAUSED, 400);
      world.untilPhase(FIRST, RolloutPhase.ABORTED, 500);
      assertThat(world.evidence(FIRST).getLast())
          .satisfies(e -> {
            assertThat(e.decidedBy()).containsExactly("maxWait");
            assertThat(e.reason()).contains("paused without a decision for 3m");
          });
      assertThat(world.stable()).isEqualTo(ONE);
    }
  }

  @Test
  void harm_that_shows_in_the_bake_goes_back_at_once() {
    try (ControlWorld world = world()) {
      world.manner =
          release -> TestReleases.gatedCanary().apply(release).withBake(TestReleases.LONG_BAKE);
      world.serving().want(TWO);
      world.untilPhase(FIRST, RolloutPhase.PAUSED, 400);
      world.control().commands().promote(ControlWorld.ref(FIRST), ADA, "");
      world.untilPhase(FIRST, RolloutPhase.PROMOTING, 10);
      world.behaviours.put("chat@2", BAD);
      world.untilPhase(FIRST, RolloutPhase.ROLLED_BACK, 100);
      assertThat(world.evidence(FIRST).getLast().verdict()).isEqualTo("Revert");
      assertThat(world.stable()).isEqualTo(ONE);
      assertThat(world.runningVersions()).containsExactly(ONE);
    }
  }

  @Test
  void a_bake_without_requests_ends_after_twice_its_length() {
    try (ControlWorld world = world()) {
      world.manner =
          release -> TestReleases.gatedCanary().apply(release).withBake(TestReleases.LONG_BAKE);
      world.serving().want(TWO);
      world.untilPhase(FIRST, RolloutPhase.PAUSED, 400);
      world.control().commands().promote(ControlWorld.ref(FIRST), ADA, "");
      world.untilPhase(FIRST, RolloutPhase.PROMOTING, 10);
      world.gateways.forEach(SimulatedGateway::stopTraffic);
      world.until("it waits for requests", w -> w.progress(FIRST).contains("no requests"), 700);
      assertThat(world.progress(FIRST)).contains("it ends at");
      world.untilPhase(FIRST, RolloutPhase.COMPLETED, 700);
      assertThat(world.stable()).isEqualTo(TWO);
    }
  }

  @Test
  void blue_green_switches_once_and_keeps_the_old_set_for_an_instant_switch_back() {
    try (ControlWorld world = world()) {
      world.manner = TestReleases.blueGreen();
      world.serving().want(TWO);
      world.until("all requests are moved", w -> w.rollout(FIRST).status().weight() == 100, 100);
      assertThat(weights(world)).containsExactly(0, 800_000, 1_000_000);
      assertThat(world.provider.running()).hasSize(4);

      world.control().commands().abort(ControlWorld.ref(FIRST), ADA, "second thoughts");
      world.step();
      assertThat(world.control().published().snapshot().services().getFirst().canary()).isEmpty();
      world.untilPhase(FIRST, RolloutPhase.ABORTED, 60);
      assertThat(world.stable()).isEqualTo(ONE);
    }
  }

  @Test
  void blue_green_ends_with_the_old_set_gone() {
    try (ControlWorld world = world()) {
      world.manner = TestReleases.blueGreen();
      world.serving().want(TWO);
      world.untilPhase(FIRST, RolloutPhase.COMPLETED, 200);
      assertThat(world.runningVersions()).containsExactly(TWO);
      assertThat(world.evidence(FIRST)).extracting(Evidence::step).containsExactly(0, 1, 2);
    }
  }

  @Test
  void rolling_goes_replica_by_replica_and_never_has_more_than_one_beyond_all() {
    try (ControlWorld world = world()) {
      world.manner = TestReleases.rolling();
      world.want(ONE, 3);
      world.until("it serves", w -> w.service().status().stable().isPresent(), 20);
      world.want(TWO, 3);
      TreeSet<Integer> present = new TreeSet<>();
      world.until(
          "it is over",
          w -> {
            present.add(w.provider.running().size());
            return w.phase(FIRST) == RolloutPhase.COMPLETED;
          },
          300);
      assertThat(present.last()).isEqualTo(4);
      assertThat(present.first()).isGreaterThanOrEqualTo(3);
      assertThat(weights(world)).containsExactly(0, 333_333, 666_667, 800_000, 1_000_000);
      assertThat(world.runningVersions()).containsExactly(TWO);
    }
  }

  @Test
  void rolling_in_place_never_has_more_than_all_and_is_reversed_step_by_step() {
    try (ControlWorld world = world()) {
      world.manner = TestReleases.rollingInPlace();
      world.want(ONE, 3);
      world.until("it serves", w -> w.service().status().stable().isPresent(), 20);
      world.steps(20);
      world.want(TWO, 3);
      world.until("two are new", w -> w.rollout(FIRST).status().step() == 1, 100);
      world.behaviours.put("chat@2", BAD);
      world.until(
          "it is over",
          w -> {
            assertThat(w.provider.running()).hasSizeLessThanOrEqualTo(3);
            return w.phase(FIRST) == RolloutPhase.ROLLED_BACK;
          },
          200);
      assertThat(weights(world)).containsExactly(0, 333_333, 666_667, 340_000);
      world.until("all are back", w -> w.provider.running().size() == 3, 60);
      assertThat(world.provider.running()).extracting(ReplicaName::version).containsOnly(ONE);
    }
  }

  @Test
  void a_good_shadow_is_promoted_by_its_pairs_before_it_answered_anybody() {
    try (ControlWorld world = world()) {
      world.manner = TestReleases.shadow();
      world.serving().want(TWO);
      world.until(
          "it is mirrored to",
          w ->
              w.control().published().snapshot().services().getFirst().canary().stream()
                  .anyMatch(arm -> arm.mirrorMillionths() == 500_000),
          100);
      world.untilPhase(FIRST, RolloutPhase.COMPLETED, 600);
      assertThat(world.stable()).isEqualTo(TWO);
      Evidence passed = world.evidence(FIRST).getFirst();
      assertThat(passed.verdict()).isEqualTo("Promote");
      assertThat(passed.step()).isZero();
      assertThat(passed.weight()).isZero();
      assertThat(passed.flags()).anyMatch(flag -> flag.matches("[0-9]+ mirrored requests"));
    }
  }

  @Test
  void a_bad_shadow_is_reverted_and_no_client_ever_met_it() {
    try (ControlWorld world = world()) {
      world.behaviours.put("chat@2", BAD);
      world.manner = TestReleases.shadow();
      world.serving().want(TWO);
      world.untilPhase(FIRST, RolloutPhase.ROLLED_BACK, 200);
      assertThat(world.evidence(FIRST).getLast())
          .satisfies(decision -> {
            assertThat(decision.verdict()).isEqualTo("Revert");
            assertThat(decision.decidedBy()).contains("error");
          });
      assertThat(weights(world)).containsExactly(0);
      assertThat(world.runningVersions()).containsExactly(ONE);
    }
  }

  @Test
  void recreate_starts_new_replicas_when_the_old_ones_are_gone() {
    try (ControlWorld world = world()) {
      world.stableMayFail = true;
      world.manner = TestReleases.recreate();
      world.serving().want(TWO);
      world.until(
          "it is over",
          w -> {
            assertThat(w.provider.running()).hasSizeLessThanOrEqualTo(2);
            return w.phase(FIRST) == RolloutPhase.COMPLETED;
          },
          100);
      assertThat(world.runningVersions()).containsExactly(TWO);
    }
  }

  @Test
  void recreate_brings_the_old_ones_back_when_the_new_ones_do_not_start() {
    try (ControlWorld world = world()) {
      world.stableMayFail = true;
      world.manner = TestReleases.recreate();
      world.provider.crash(TWO);
      world.serving().want(TWO);
      world.untilPhase(FIRST, RolloutPhase.ROLLED_BACK, 100);
      world.until("the old ones serve", w -> w.replicasRoutedTo() == 2, 60);
      assertThat(world.stable()).isEqualTo(ONE);
    }
  }

  @Test
  void undo_to_what_served_lately_skips_the_steps_and_to_what_is_older_does_not() {
    try (ControlWorld world = world()) {
      world.manner = release -> TestReleases.within(1, TestReleases.rolling().apply(release));
      world.serving().want(TWO);
      world.untilPhase(FIRST, RolloutPhase.COMPLETED, 300);
      world.want(THREE);
      world.untilPhase("chat-2", RolloutPhase.COMPLETED, 300);

      assertThat(undo(world, "chat@9")).asString().contains("these did: chat@2, chat@1");
      assertThat(undo(world, "chat@1")).asString().contains("step by step");
      world.until("its steps begin", w -> w.rollout("chat-3").status().step() == 0, 60);
      assertThat(undo(world, "chat@2")).asString().contains("rollout chat-3 is live");
      world.untilPhase("chat-3", RolloutPhase.COMPLETED, 300);

      assertThat(undo(world, "chat@3")).asString().doesNotContain("step by step");
      world.untilPhase("chat-4", RolloutPhase.COMPLETED, 60);
      assertThat(world.rollout("chat-4").status().step()).isEqualTo(-1);
      assertThat(world.stable()).isEqualTo(THREE);
    }
  }

  private static CommandResult undo(ControlWorld world, String to) {
    return world
        .control()
        .commands()
        .rollback(world.service().ref(), Optional.of(to), ADA, "it smells");
  }

  /// What the pictures gave the new version, one after the other.
  private static List<Integer> weights(ControlWorld world) {
    return world.pictures.stream()
        .map(picture -> picture.split(" "))
        .map(parts ->
            parts[0].equals(TWO.toString()) ? 1_000_000 : Integer.valueOf(parts[parts.length - 1]))
        .distinct()
        .toList();
  }
}
