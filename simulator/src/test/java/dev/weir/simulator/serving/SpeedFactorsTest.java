// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.simulator.engine.SpeedFactor;
import dev.weir.simulator.fault.FaultPlan;
import dev.weir.simulator.serving.ServerSetup.Noise;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SpeedFactorsTest {
  private static final SplittableRandom SEED = new SplittableRandom(5);

  @Test
  void without_noise_and_faults_the_pace_is_even() {
    SpeedFactors paces = new SpeedFactors(new Noise(0, 0, 1), SEED);
    assertThat(paces.speedFactor(1, FaultPlan.NONE)).isEqualTo(SpeedFactor.EVEN);
  }

  @Test
  void a_cold_engine_is_slow_only_for_its_first_requests() {
    SpeedFactors paces = new SpeedFactors(new Noise(0, 2, 3), SEED);
    assertThat(paces.speedFactor(2, FaultPlan.NONE)).isEqualTo(new SpeedFactor(3, 3));
    assertThat(paces.speedFactor(3, FaultPlan.NONE)).isEqualTo(SpeedFactor.EVEN);
  }

  @Test
  void latency_faults_multiply() {
    SpeedFactors paces = new SpeedFactors(new Noise(0, 0, 1), SEED);
    FaultPlan faults =
        FaultPlan.NONE.with(Map.of("latencyFactor", "2", "ttftFactor", "3", "itlFactor", "1.5"));
    assertThat(paces.speedFactor(1, faults)).isEqualTo(new SpeedFactor(6, 3));
  }

  @Test
  void noise_is_lognormal_with_median_one_and_the_configured_sigma() {
    SpeedFactors paces = new SpeedFactors(new Noise(0.2, 0, 1), new SplittableRandom(9));
    double[] logs =
        LongStream.range(0, 20_000)
            .mapToDouble(number -> Math.log(paces.speedFactor(number, FaultPlan.NONE).firstToken()))
            .sorted()
            .toArray();
    double sigma =
        Math.sqrt(
            LongStream.range(0, logs.length)
                .mapToDouble(at -> logs[(int) at])
                .map(x -> x * x)
                .average()
                .orElse(0));
    assertThat(logs[logs.length / 2]).isBetween(-0.01, 0.01);
    assertThat(sigma).isBetween(0.19, 0.21);
  }
}
