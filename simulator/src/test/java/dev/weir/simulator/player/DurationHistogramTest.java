// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DurationHistogramTest {
  @Test
  void quantiles_are_exact_to_one_bucket() {
    SplittableRandom random = new SplittableRandom(1);
    DurationHistogram histogram = new DurationHistogram();
    double[] millis = random.doubles(50_000).map(u -> Math.exp(8 * u - 3)).toArray();
    for (double each : millis) {
      histogram.record(Math.round(each * 1e6));
    }
    Arrays.sort(millis);
    for (double share : new double[] {0.01, 0.5, 0.9, 0.99, 1}) {
      double exact = millis[(int) Math.ceil(share * millis.length) - 1];
      assertThat(histogram.millis(share)).isCloseTo(exact, within(0.023 * exact));
    }
  }

  @Test
  void extremes_stay_within_the_histogram() {
    DurationHistogram histogram = new DurationHistogram();
    histogram.record(0);
    histogram.record(-5);
    histogram.record(Long.MAX_VALUE);
    assertThat(histogram.quantiles().count()).isEqualTo(3);
    assertThat(histogram.millis(0)).isLessThan(0.002);
    assertThat(histogram.millis(1)).isGreaterThan(4e6);
  }

  @Test
  void an_empty_histogram_reports_zero() {
    assertThat(new DurationHistogram().quantiles())
        .isEqualTo(new PlayerReport.Quantiles(0, 0, 0, 0, 0));
  }
}
