// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PodNoiseTest {
  private static final ComparedQuantiles SHAPE = ComparedQuantiles.LATENCY;

  /// Batches of four pods with 1,000 requests each; a pod's log-latency wanders by `sd`.
  private static List<Double> phi(double sd, long seed) {
    Random random = new Random(seed);
    List<PodNoise.Batch> batches = new ArrayList<>();
    for (int j = 0; j < 20; j++) {
      List<PodNoise.Pod> pods = new ArrayList<>();
      for (int pod = 0; pod < 4; pod++) {
        double own = sd * random.nextGaussian();
        List<Long> exceeding = new ArrayList<>();
        double[] logs = random.doubles(1_000).map(u -> -Math.log(1 - u) + own).toArray();
        for (double q : SHAPE.harm()) {
          double threshold = -Math.log(1 - q);
          long count = 0;
          for (double log : logs) {
            count += log > threshold ? 1 : 0;
          }
          exceeding.add(count);
        }
        pods.add(new PodNoise.Pod(1_000, exceeding));
      }
      batches.add(PodNoise.batch(pods));
    }
    return PodNoise.phi(SHAPE, batches);
  }

  @Test
  void pods_that_differ_by_chance_alone_call_for_no_divisor() {
    assertThat(phi(0, 1)).containsOnly(1.0);
  }

  @Test
  void pods_that_wander_call_for_a_divisor_that_grows_with_it() {
    List<Double> some = phi(.1, 2);
    List<Double> more = phi(.3, 2);
    assertThat(some.getFirst()).isGreaterThan(3);
    assertThat(more.getFirst()).isGreaterThan(2 * some.getFirst());
    assertThat(some.getLast()).as("the tail has less to wander with").isLessThan(some.getFirst());
  }

  /// Binomial pods: whatever their number and sizes, the estimate is 1 in the mean.
  @Test
  void that_a_pod_is_part_of_its_pool_is_made_up_for() {
    for (int[] sizes : new int[][] {{400, 400}, {400, 400, 400, 400}, {900, 300, 300, 100}}) {
      Random random = new Random(3);
      double squares = 0;
      double requests = 0;
      for (int j = 0; j < 4_000; j++) {
        List<PodNoise.Pod> pods = new ArrayList<>();
        for (int size : sizes) {
          long slow = random.doubles(size).filter(u -> u < .5).count();
          pods.add(new PodNoise.Pod(size, List.of(slow, 0L, 0L, 0L, 0L)));
        }
        PodNoise.Batch batch = PodNoise.batch(pods);
        squares += batch.squares().getFirst();
        requests += batch.requests();
      }
      assertThat(squares / .25 / requests).isCloseTo(1, within(.04));
    }
  }

  @Test
  void the_figures_are_those_of_the_formula() {
    PodNoise.Batch batch =
        PodNoise.batch(
            List.of(
                new PodNoise.Pod(100, List.of(70L, 25L, 10L, 5L, 1L)),
                new PodNoise.Pod(100, List.of(30L, 25L, 10L, 5L, 1L))));
    assertThat(batch.squares().getFirst()).as("each is half of the pool").isEqualTo(1600);
    assertThat(PodNoise.phi(SHAPE, List.of(batch)).getFirst())
        .isCloseTo(1.25 * 1600 / .25 / 200, within(1e-12));
    assertThat(PodNoise.phi(SHAPE, List.of())).containsOnly(1.0);
  }
}
