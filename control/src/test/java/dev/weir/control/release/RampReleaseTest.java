// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.ControlOptions;
import dev.weir.control.ControlWorld;
import dev.weir.control.CrashMatrixTest;
import dev.weir.control.crash.CrashPoint;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.view.Evidence;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ramps through the whole control plane.
class RampReleaseTest {
  private static final String ROLLOUT = "chat-1";

  @TempDir Path folder;

  @Test
  void a_healthy_version_climbs_by_evidence_and_is_promoted() throws IOException {
    try (ControlWorld world = CrashMatrixTest.world(folder)) {
      ReleaseScenario.RAMP.play(world);
      List<Evidence> climbs = decisions(world, "Climb");
      assertThat(climbs).isNotEmpty();
      assertThat(climbs.stream().map(Evidence::step)).doesNotHaveDuplicates().isSorted();
      assertThat(climbs).allSatisfy(climb -> assertThat(climb.weight()).isLessThan(50));
      assertThat(decisions(world, "Promote"))
          .singleElement()
          .satisfies(promoted -> assertThat(promoted.weight()).isEqualTo(50));
    }
  }

  @Test
  void a_version_that_looks_worse_gets_the_smaller_weight_once_and_climbs_again()
      throws IOException {
    try (ControlWorld world = CrashMatrixTest.world(folder)) {
      ReleaseScenario.RAMP_THAT_LOOKS_WORSE.play(world);
      assertThat(decisions(world, "StepDown"))
          .singleElement()
          .satisfies(down -> {
            assertThat(down.weight()).isEqualTo(50);
            assertThat(down.decidedBy()).containsExactly("error");
          });
      assertThat(world.store.audit(0, 1_000).stream().map(entry -> entry.reason()))
          .anySatisfy(reason -> assertThat(reason).contains("looks worse"));
    }
  }

  @Test
  void deaths_after_every_look_change_no_bit_of_a_ramp() throws IOException {
    List<Evidence> uninterrupted = released(_ -> {});
    List<Evidence> interrupted =
        released(world -> {
          if (world.crashInjector.outstanding() == 0) {
            world.crashInjector.dieAt(CrashPoint.ANALYSIS_ADVANCED, 1);
          }
        });
    assertThat(interrupted).isEqualTo(uninterrupted);
  }

  @Test
  void one_verdict_raises_the_weight_once_although_its_analysis_dies_between_decision_and_snapshot()
      throws IOException {
    List<Double> uninterrupted = weights(_ -> {});
    for (String stage : List.of("decided", "committed", "published")) {
      assertThat(
              weights(world -> {
                if (world.crashInjector.outstanding() == 0) {
                  world.crashInjector.dieAt(
                      new CrashPoint("rollout.progressing.next-step." + stage), 1);
                }
              }))
          .as("deaths at each %s climb", stage)
          .isEqualTo(uninterrupted);
    }
  }

  @Test
  void the_first_weight_follows_the_traffic_at_the_start_and_stays() throws IOException {
    try (ControlWorld world =
        new ControlWorld(folder, ControlOptions.defaults().withWarmUpRequests(1), 1)) {
      ReleaseSpec.RampSpec usual = ReleaseSpec.RampSpec.USUAL;
      List<Double> weights = List.of(.1, .2, 1.0, 5.0, 50.0);
      world.manner = release -> release.withRamp(usual.withWeights(weights)); // of 20 requests/s
      world.servingFor(240).want(TWO);
      world.untilPhase(ROLLOUT, RolloutPhase.PROGRESSING, 60);
      ReleaseSpec release = world.rollout(ROLLOUT).spec().release();
      assertThat(release.effectiveRamp().effectiveWeights()).containsExactly(1.0, 5.0, 50.0);
      assertThat(release.analysis().maxDuration())
          .as("four times the forecast")
          .hasValueSatisfying(
              limit -> assertThat(limit).isBetween(Duration.ofMinutes(30), Duration.ofHours(12)));
      world.gateways.getFirst().stopTraffic();
      world.steps(60);
      assertThat(world.rollout(ROLLOUT).spec().release()).isEqualTo(release);
    }
  }

  @Test
  void a_ramp_without_an_end_in_time_is_paused() throws IOException {
    try (ControlWorld world =
        new ControlWorld(folder, ControlOptions.defaults().withWarmUpRequests(1), 1)) {
      world.manner =
          release -> {
            ReleaseSpec ramp = TestReleases.ramp().apply(release);
            return ramp.withAnalysis(ramp.analysis().within(Duration.ofMinutes(1)));
          };
      world.servingFor(240).want(TWO);
      world.untilPhase(ROLLOUT, RolloutPhase.PAUSED, 200);
      assertThat(decisions(world, "Inconclusive"))
          .singleElement()
          .satisfies(end -> assertThat(end.decidedBy()).containsExactly("maxDuration"));
    }
  }

  private static List<Evidence> decisions(ControlWorld world, String verdict) {
    return world.evidence(ROLLOUT).stream().filter(e -> e.verdict().equals(verdict)).toList();
  }

  /// @param beforeEachStep done to the world
  private List<Evidence> released(Consumer<ControlWorld> beforeEachStep) throws IOException {
    try (ControlWorld world = CrashMatrixTest.world(folder)) {
      play(world, beforeEachStep, new ArrayList<>());
      return world.evidence(ROLLOUT);
    }
  }

  private List<Double> weights(Consumer<ControlWorld> beforeEachStep) throws IOException {
    List<Double> weights = new ArrayList<>();
    try (ControlWorld world = CrashMatrixTest.world(folder)) {
      play(world, beforeEachStep, weights);
    }
    return weights;
  }

  private static void play(
      ControlWorld world, Consumer<ControlWorld> beforeEachStep, List<Double> weights) {
    world.manner = TestReleases.ramp();
    world.servingFor(20).want(TWO);
    world.until(
        "the release is completed",
        w -> {
          beforeEachStep.accept(w);
          if (!w.rollouts().isEmpty()) {
            weights.add(w.rollout(ROLLOUT).status().weight());
          }
          return w.phase(ROLLOUT) == RolloutPhase.COMPLETED;
        },
        400);
  }
}
