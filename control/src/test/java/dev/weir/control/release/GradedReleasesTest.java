// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.ControlWorld;
import dev.weir.control.SimulatedGateway.Behaviour;
import dev.weir.control.change.CommandResult;
import dev.weir.model.spec.GradingSpec;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.Percentage;
import dev.weir.model.view.Replayed;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Grading;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Releases whose answers a judge grades.
class GradedReleasesTest {
  private static final GradingSpec HALF =
      new GradingSpec("embed", Percentage.of(50), "Be kind.", Duration.ofSeconds(20), 8);

  @TempDir Path folder;

  private ControlWorld graded(double quality) {
    ControlWorld world = new ControlWorld(folder);
    world.behaviours.put("chat@1", new Behaviour(.002, .2, .9));
    world.behaviours.put("chat@2", new Behaviour(.002, .2, quality));
    world.serving().lending(1, 0);
    world.grading = Optional.of(HALF);
    world.want(TWO);
    return world;
  }

  @Test
  void worse_answers_revert_a_version_that_is_as_quick_and_as_whole() {
    try (ControlWorld world = graded(.7)) {
      world.untilPhase("chat-1", RolloutPhase.ROLLED_BACK, 400);
      assertThat(world.rollout("chat-1").status().decidedBy()).containsExactly("quality");
      assertThat(world.control().commands().replay(ControlWorld.ref("chat-1")))
          .isNotEmpty()
          .allMatch(again -> again.outcome() == Replayed.Outcome.SAME);
    }
  }

  @Test
  void answers_as_good_promote() {
    try (ControlWorld world = graded(.9)) {
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 2_000);
      assertThat(world.rollout("chat-1").status().decidedBy()).contains("quality");
    }
  }

  @Test
  void gateways_are_told_who_grades_while_the_release_goes_on_by_itself() {
    try (ControlWorld world = graded(.9)) {
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 200);
      world.step();
      assertThat(grading(world))
          .contains(new Grading("default/embed", 500_000, "Be kind.", 8, 20_000));
      assertThat(
              world
                  .control()
                  .commands()
                  .pause(ControlWorld.ref("chat-1"), ControlWorld.ADA, "lunch"))
          .isInstanceOf(CommandResult.Done.class);
      world.step();
      assertThat(grading(world)).contains(Grading.NONE);
    }
  }

  private static Optional<Grading> grading(ControlWorld world) {
    return world.control().published().snapshot().services().stream()
        .flatMap(service -> service.canary().stream())
        .map(CanaryArm::grading)
        .findFirst();
  }
}
