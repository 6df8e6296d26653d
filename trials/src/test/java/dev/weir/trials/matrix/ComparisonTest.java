// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.metric.ReleaseMetric;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final int SECONDS = 300;
  private static final double WEIGHT = .25;

  /// Requests at even times, with lognormal TTFT.
  private static List<ObservedRequest> traffic(
      double perSecond, double errors, double slower, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<ObservedRequest> seen = new ArrayList<>();
    for (int i = 0; i < SECONDS * perSecond; i++) {
      boolean fails = random.nextDouble() < errors;
      long ttft = Math.round(slower * 40_000 * Math.exp(.3 * random.nextGaussian()));
      seen.add(
          new ObservedRequest(
              Math.round(1e6 * i / perSecond),
              false,
              fails,
              false,
              fails ? -1 : ttft,
              fails ? -1 : 15_000,
              fails ? 2_000 : ttft + 300_000,
              fails ? 0 : 20,
              Set.of()));
    }
    return seen;
  }

  private static Comparison compared(double errors, double slower) {
    return Comparison.of(traffic(30, .001, 1, 1), traffic(10, errors, slower, 2), WEIGHT, SECONDS);
  }

  @Test
  void an_outage_is_found_by_all_and_by_weir_within_seconds() {
    Comparison outage = compared(1, 1);
    assertThat(outage.weir().orElseThrow().metric()).isEqualTo(ReleaseMetric.FAST_ERROR);
    assertThat(outage.weir().orElseThrow().seconds()).isLessThan(6);
    assertThat(outage.argo()).as("four minutes that fail").hasValue(240);
    assertThat(outage.kayenta()).hasValue(300);
    assertThat(outage.ratio()).hasValue(300);
  }

  @Test
  void a_slow_version_is_found_and_a_slightly_slow_one_by_the_rule_without_a_ratio() {
    Comparison twice = compared(.001, 2);
    assertThat(twice.weir().orElseThrow().metric()).isEqualTo(ReleaseMetric.TTFT);
    assertThat(twice.argo()).hasValue(240);
    assertThat(twice.ratio()).hasValue(300);
    Comparison slightly = compared(.001, 1.08);
    assertThat(slightly.weir()).as("within its tolerance").isEmpty();
    assertThat(slightly.kayenta()).hasValue(300);
    assertThat(slightly.ratio()).isEmpty();
  }

  @Test
  void alike_versions_are_left_alone() {
    Comparison alike = compared(.001, 1);
    assertThat(alike.weir()).isEmpty();
    assertThat(alike.argo()).isEmpty();
    assertThat(alike.ratio()).isEmpty();
    assertThat(alike.cells()).isEqualTo("- | - | - | -");
  }

  @Test
  void the_interval_is_that_of_mann_and_whitney() {
    double[] low = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    double[] high = {21, 22, 23, 24, 25, 26, 27, 28, 29, 30};
    assertThat(Kayenta.shifted(high, low)).isTrue();
    assertThat(Kayenta.shifted(low, high)).isFalse();
    assertThat(Kayenta.shifted(low, low)).isFalse();
  }
}
