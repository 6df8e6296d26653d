// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.ReleaseMetric;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnalysisPlanTest {

  private static final AnalysisPlan PLAN = AnalysisPlan.defaults();

  @Test
  void the_defaults_are_those_that_were_simulated() {
    assertThat(PLAN.alpha()).isEqualTo(.01);
    assertThat(PLAN.beta()).isEqualTo(.05);
    assertThat(PLAN.minStepDurationMillis()).isEqualTo(120_000);
    assertThat(PLAN.maxStepDurationMillis()).isEqualTo(1_800_000);
    assertThat(PLAN.minimumCanaryCompletions()).isEqualTo(50);
    assertThat(PLAN.dispersion()).isEqualTo(1);
    assertThat(PLAN.dispersionLearned()).isTrue();
    assertThat(PLAN.withDispersion(1).dispersionLearned()).isFalse();
    assertThat(PLAN.metric(ReleaseMetric.ERROR).weight()).isEqualTo(.10);
    assertThat(PLAN.metric(ReleaseMetric.TTFT).margin()).isEqualTo(.25);
  }

  @Test
  void plans_that_promise_nothing_are_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> PLAN.withErrorRates(0, .05));
    assertThatIllegalArgumentException().isThrownBy(() -> PLAN.withErrorRates(.01, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> PLAN.withDispersion(.5));
    assertThatIllegalArgumentException().isThrownBy(() -> PLAN.withDispersion(Double.NaN));
    assertThatIllegalArgumentException().isThrownBy(() -> PLAN.withStepDurations(10, 10));
    assertThatIllegalArgumentException().isThrownBy(() -> PLAN.withSliceMillis(0));
    assertThatIllegalArgumentException().isThrownBy(() -> PLAN.withTimeouts(10, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> PLAN.withMetrics(Map.of()));
  }

  @Test
  void metrics_that_promise_nothing_are_refused() {
    MetricPlan error = PLAN.metric(ReleaseMetric.ERROR);
    assertThatIllegalArgumentException().isThrownBy(() -> error.withWeight(0));
    assertThatIllegalArgumentException().isThrownBy(() -> error.withTolerance(-.1));
    assertThatIllegalArgumentException().isThrownBy(() -> error.withMargin(.001));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PLAN.withMetric(ReleaseMetric.ERROR, error.withMargin(.5)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PLAN.withMetric(ReleaseMetric.ERROR, error.withWeight(.9)));
    assertThat(
            PLAN.withMetric(ReleaseMetric.ERROR, error.withGating(false))
                .metric(ReleaseMetric.ERROR)
                .gating())
        .isFalse();
  }

  @Test
  void metrics_are_found_by_their_manifest_names() {
    for (ReleaseMetric metric : ReleaseMetric.values()) {
      assertThat(ReleaseMetric.named(metric.manifestName())).contains(metric);
    }
    assertThat(ReleaseMetric.named("judge")).isEmpty();
  }

  @Test
  void a_metric_without_its_kind_of_seed_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new BaselineSeed(
                Map.of(ReleaseMetric.TTFT, new BaselineSeed.Rate(0, 1)),
                Map.of(),
                BaselineSeed.none().endToEnd()));
    assertThatIllegalArgumentException().isThrownBy(() -> new BaselineSeed.Rate(2, 1));
  }
}
