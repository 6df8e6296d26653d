// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
  @Test
  void a_healthy_plan_has_every_setting_at_its_healthy_value() {
    assertThat(FaultPlan.NONE.all())
        .hasSize(SimulatedFault.values().length)
        .containsEntry("errorRate", 0.0)
        .containsEntry("latencyFactor", 1.0)
        .containsEntry("errorStatus", 500.0);
  }

  @Test
  void settings_merge_by_their_json_names() {
    FaultPlan plan = FaultPlan.NONE.with(Map.of("errorRate", "0.05"));
    FaultPlan both = plan.with(Map.of("healthLies", "true"));
    assertThat(both.get(SimulatedFault.ERROR_RATE)).isEqualTo(0.05);
    assertThat(both.on(SimulatedFault.HEALTH_LIES)).isTrue();
    assertThat(plan.on(SimulatedFault.HEALTH_LIES)).isFalse();
  }

  @Test
  void unknown_malformed_and_out_of_bounds_settings_are_named() {
    assertThatThrownBy(() -> FaultPlan.NONE.with(Map.of("errorrate", "1")))
        .hasMessageContaining("unknown fault 'errorrate'")
        .hasMessageContaining("errorRate");
    assertThatThrownBy(() -> FaultPlan.NONE.with(Map.of("errorRate", "often")))
        .hasMessageContaining("not a number");
    assertThatThrownBy(() -> FaultPlan.NONE.with(Map.of("errorRate", "1.5")))
        .hasMessageContaining("from 0.0 to 1.0");
  }

  @Test
  void one_seed_gives_the_same_faults_and_the_configured_share() {
    FaultPlan plan = FaultPlan.NONE.with(Map.of("errorRate", "0.05", "cutRate", "0.1"));
    List<FaultSampler.SampledFaults> first = sample(plan, 10_000);
    assertThat(sample(plan, 10_000)).isEqualTo(first);
    assertThat(first.stream().filter(FaultSampler.SampledFaults::error).count())
        .isBetween(430L, 570L);
    assertThat(first.stream().filter(FaultSampler.SampledFaults::cut).count())
        .isBetween(850L, 1050L);
    assertThat(first).noneMatch(fate -> fate.error() && fate.cut());
  }

  @Test
  void enabling_one_fault_does_not_reshuffle_another() {
    FaultPlan one = FaultPlan.NONE.with(Map.of("errorRate", "0.05"));
    FaultPlan two = one.with(Map.of("wrongAnswerRate", "0.5", "poorRate", "0.5"));
    assertThat(sample(two, 1000).stream().map(FaultSampler.SampledFaults::error).toList())
        .isEqualTo(sample(one, 1000).stream().map(FaultSampler.SampledFaults::error).toList());
    assertThat(sample(two, 1000).stream().filter(FaultSampler.SampledFaults::poor).count())
        .isBetween(400L, 560L);
  }

  private static List<FaultSampler.SampledFaults> sample(FaultPlan plan, int count) {
    FaultSampler dice = new FaultSampler(new SplittableRandom(3));
    List<FaultSampler.SampledFaults> sample = new ArrayList<>();
    for (int index = 0; index < count; index++) {
      sample.add(dice.roll(plan));
    }
    return sample;
  }
}
