// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.ControlWorld;
import dev.weir.control.CrashMatrixTest;
import dev.weir.control.SimulatedGateway;
import dev.weir.control.SimulatedGateway.Behaviour;
import dev.weir.control.crash.CrashPoint;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.view.Evidence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The statistics of a release go on after a death bit by bit as if there had been none: the same
/// log e, the same cohorts, the same verdict in the same instant.
class AnalysisResumesTest {
  private static final String ROLLOUT = "default/chat-1";
  private static final Behaviour BAD = new Behaviour(.05, .25);

  @TempDir Path folder;

  @Test
  void deaths_after_every_look_change_no_bit_of_a_promotion() throws IOException {
    List<Evidence> uninterrupted = released(world -> {}, RolloutPhase.COMPLETED);
    List<Evidence> interrupted =
        released(AnalysisResumesTest::dieAfterTheNextLook, RolloutPhase.COMPLETED);
    assertThat(uninterrupted).hasSize(2);
    assertThat(interrupted).isEqualTo(uninterrupted);
  }

  @Test
  void deaths_after_every_look_change_no_bit_of_a_revert() throws IOException {
    Consumer<ControlWorld> bad = world -> world.behaviours.put("chat@2", BAD);
    List<Evidence> uninterrupted = released(bad, RolloutPhase.ROLLED_BACK);
    List<Evidence> interrupted =
        released(bad.andThen(AnalysisResumesTest::dieAfterTheNextLook), RolloutPhase.ROLLED_BACK);
    assertThat(uninterrupted).singleElement().extracting(Evidence::verdict).isEqualTo("Revert");
    assertThat(interrupted).isEqualTo(uninterrupted);
  }

  @Test
  void deaths_at_random_places_change_no_bit_of_a_promotion() throws IOException {
    List<Evidence> uninterrupted = released(world -> {}, RolloutPhase.COMPLETED);
    Random random = new Random(8);
    List<Evidence> interrupted =
        released(
            world -> {
              if (world.crashInjector.outstanding() == 0 && begun(world)) {
                world.crashInjector.dieAt(any -> true, 1 + random.nextInt(8), () -> {});
              }
            },
            RolloutPhase.COMPLETED);
    assertThat(interrupted).isEqualTo(uninterrupted);
  }

  @Test
  void a_state_that_is_lost_before_it_was_noted_is_missed_by_what_it_consumed() throws IOException {
    try (ControlWorld world = CrashMatrixTest.world(folder)) {
      SimulatedGateway deaf = new SimulatedGateway("gw-b", 2, 30, world.behaviours);
      world.gateways.add(deaf);
      world.servingFor(20);
      deaf.freeze();
      world.crashInjector.dieAt(
          CrashPoint.ANALYSIS_ADVANCED::equals, 1, () -> world.store.analysis().delete(ROLLOUT));
      world.want(TWO);
      world.until("the first look is lost", w -> w.crashInjector.outstanding() == 0, 200);
      world.until("a decision", w -> !w.evidence("chat-1").isEmpty(), 400);
      assertThat(world.evidence("chat-1").getFirst().flags())
          .anySatisfy(flag -> assertThat(flag).contains("lost 1 times", "0.005"));
    }
  }

  @Test
  void a_torn_state_costs_half_of_alpha() throws IOException {
    try (ControlWorld world = CrashMatrixTest.world(folder)) {
      ReleaseScenario.ANALYSIS_STATE_TORN.play(world);
      assertThat(world.evidence("chat-1"))
          .allSatisfy(e ->
              assertThat(e.flags())
                  .anySatisfy(flag -> assertThat(flag).contains("lost 1 times", "0.005")));
    }
  }

  private static boolean begun(ControlWorld world) {
    return world.store.analysis().get(ROLLOUT).isPresent();
  }

  private static void dieAfterTheNextLook(ControlWorld world) {
    if (world.crashInjector.outstanding() == 0) {
      world.crashInjector.dieAt(CrashPoint.ANALYSIS_ADVANCED, 1);
    }
  }

  /// @param beforeEachStep done to the world
  private List<Evidence> released(Consumer<ControlWorld> beforeEachStep, RolloutPhase end)
      throws IOException {
    try (ControlWorld world = CrashMatrixTest.world(folder)) {
      world.servingFor(20).want(TWO);
      world.until(
          "chat-1 is " + end,
          w -> {
            beforeEachStep.accept(w);
            return w.phase("chat-1") == end;
          },
          400);
      return world.evidence("chat-1");
    }
  }
}
