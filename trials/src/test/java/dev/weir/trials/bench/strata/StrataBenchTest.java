// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.strata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.metric.ReleaseMetric;
import org.junit.jupiter.api.Test;

/// Some rows of the bench, with few runs.
class StrataBenchTest {
  private static final double RATE = 40;

  private static Release.Result result(Scenario scenario, long seed) {
    return new Release(scenario, RATE, seed).play();
  }

  @Test
  void a_canary_with_colder_caches_is_promoted_and_sooner_with_strata() {
    Scenario colder = Scenario.conversations("colder", 1);
    long sooner = 0;
    for (long seed = 1; seed <= 5; seed++) {
      Release.Result with = result(colder.withStrata(), seed);
      assertThat(with.end()).isEqualTo(Release.End.PROMOTED);
      sooner += with.seconds() < result(colder, seed).seconds() ? 1 : 0;
    }
    assertThat(sooner).isGreaterThanOrEqualTo(4);
  }

  @Test
  void an_engine_without_prefix_cache_is_reverted_although_its_strata_are_those_of_a_healthy_one() {
    Release.Result lost = result(Scenario.withoutCache("no cache").withStrata(), 1);
    assertThat(lost.end()).isEqualTo(Release.End.REVERTED);
    assertThat(lost.by()).contains(ReleaseMetric.TTFT);
  }

  @Test
  void cuts_at_the_start_are_found_by_fast_errors_before_truncation_is_due() {
    Scenario cut = Scenario.cut("cut", .1, .02);
    Release.Result fast = result(cut.withFastCuts(), 1);
    assertThat(fast.by()).contains(ReleaseMetric.FAST_ERROR);
    assertThat(fast.cut()).isLessThan(result(cut, 1).cut());
  }
}
