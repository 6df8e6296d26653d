// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class StratumHistogramsTest {
  private static final DispersionDivisor ONE = DispersionDivisor.fixed(1);

  private static LatencySample sample(int count, double seconds, int stratum) {
    LatencySample sample = new LatencySample();
    for (int i = 0; i < count; i++) {
      sample.addPlain(seconds, stratum, true);
    }
    return sample;
  }

  @Test
  void all_strata_have_the_common_threshold_until_one_is_known_and_then_only_known_ones_count() {
    StratumHistograms strata = StratumHistograms.start(2);
    strata.learn(sample(49, 1, 0));
    assertThat(strata.thresholds(.5, 7)).containsExactly(7.0, 7.0);
    strata.learn(sample(1, 1, 0));
    assertThat(strata.ready(0)).isTrue();
    assertThat(strata.ready(1)).isFalse();
    List<Double> thresholds = strata.thresholds(.5, 7);
    assertThat(thresholds.getFirst()).isCloseTo(0, within(LogHistogram.WIDTH));
    assertThat(thresholds.getLast()).isNaN();
  }

  @Test
  void a_rare_stratum_keeps_its_values_and_a_frequent_one_forgets() {
    StratumHistograms strata = StratumHistograms.start(2);
    for (int i = 0; i < 400; i++) {
      LatencySample slice = sample(100, 1, 0);
      slice.addPlain(2, 1, true);
      strata.learn(slice);
    }
    List<Buckets> buckets = strata.buckets();
    assertThat(buckets.getFirst().total()).isCloseTo(100 / (1 - Ewma.DECAY), within(1.0));
    assertThat(buckets.getLast().total()).isBetween(190.0, 201.0);
  }

  @Test
  void without_strata_a_stratum_of_a_request_is_ignored() {
    LatencyDetector detector =
        new LatencyDetector(ComparedQuantiles.LATENCY, .1, .25, ONE, Buckets.empty());
    assertThat(detector.stratum(3)).isEqualTo(LatencySample.NO_STRATUM);
  }

  @Test
  void an_unknown_stratum_is_compared_with_all_requests() {
    LatencyDetector detector =
        new LatencyDetector(
            ComparedQuantiles.LATENCY,
            .1,
            .25,
            ONE,
            List.of(),
            Buckets.empty(),
            Buckets.empty(),
            2);
    assertThat(detector.judges(LatencySample.NO_STRATUM)).isFalse();
    detector.slice(new LatencySample(), sample(60, 1, 0), .5, true, 3);
    assertThat(detector.judges(LatencySample.NO_STRATUM)).isTrue();
    assertThat(detector.judges(0)).isTrue();
    assertThat(detector.judges(1)).isFalse();
    assertThat(
            LatencyDetector.of(ComparedQuantiles.LATENCY, .1, .25, ONE, List.of(), detector.state())
                .state())
        .isEqualTo(detector.state());
  }
}
