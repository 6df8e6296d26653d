// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.model.Resources;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.AnalysisSpec;
import dev.weir.model.spec.ReleaseSpec.MetricAction;
import dev.weir.model.spec.ReleaseSpec.MetricSpec;
import dev.weir.model.value.Percentage;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnalysisPlansTest {
  private static final MetricSpec NOTHING =
      new MetricSpec(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          false);

  private static AnalysisPlan plan(Map<String, MetricSpec> metrics) {
    ReleaseSpec release = Resources.release();
    AnalysisSpec defaults = release.analysis();
    return AnalysisPlans.of(
        new ReleaseSpec(
            release.strategy(),
            release.steps(),
            new AnalysisSpec(
                defaults.alpha(),
                defaults.beta(),
                defaults.minStepDuration(),
                defaults.maxStepDuration(),
                defaults.onInconclusive(),
                defaults.dispersion(),
                metrics)),
        Duration.ofSeconds(10),
        Duration.ofMinutes(2));
  }

  private static MetricSpec weighing(double weight) {
    return new MetricSpec(
        Optional.of(weight),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  private static MetricSpec tolerating(int tolerance, int margin) {
    return new MetricSpec(
        Optional.empty(),
        Optional.of(Percentage.of(tolerance)),
        Optional.of(Percentage.of(margin)),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  @Test
  void what_is_left_out_keeps_its_default_and_what_is_given_does_not() {
    assertThat(plan(Map.of()).metrics()).isEqualTo(AnalysisPlan.defaults().metrics());
    assertThat(plan(Map.of("refusal", NOTHING)).metrics())
        .isEqualTo(AnalysisPlan.defaults().metrics());
    MetricSpec quiet =
        new MetricSpec(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(false),
            Optional.of(MetricAction.HOLD),
            true);
    MetricPlan refusal = plan(Map.of("refusal", quiet)).metric(ReleaseMetric.REFUSAL);
    assertThat(refusal.action()).isEqualTo(MetricPlan.Action.HOLD);
    assertThat(refusal.dryRun()).isTrue();
    assertThat(refusal.gating()).isFalse();
  }

  @Test
  void weights_from_before_there_were_so_many_metrics_leave_the_others_what_is_left() {
    AnalysisPlan plan = plan(Map.of("error", weighing(.6)));
    assertThat(plan.metric(ReleaseMetric.ERROR).weight()).isEqualTo(.6);
    assertThat(plan.metrics().values().stream().mapToDouble(MetricPlan::weight).sum())
        .isCloseTo(1, within(1e-9));
    assertThat(plan.metric(ReleaseMetric.TTFT).weight())
        .isCloseTo(2 * plan.metric(ReleaseMetric.ITL).weight(), within(1e-12));
    assertThat(plan(Map.of("error", weighing(1))).metrics()).containsOnlyKeys(ReleaseMetric.ERROR);
  }

  @Test
  void who_bears_with_slow_tokens_bears_with_slow_answers() {
    AnalysisPlan wide = plan(Map.of("itl", tolerating(100, 200)));
    assertThat(wide.metric(ReleaseMetric.E2E_PER_TOKEN).tolerance()).isEqualTo(1);
    assertThat(wide.metric(ReleaseMetric.E2E_PER_TOKEN).margin()).isEqualTo(2);
    AnalysisPlan said =
        plan(Map.of("itl", tolerating(100, 200), "e2e_per_token", tolerating(20, 40)));
    assertThat(said.metric(ReleaseMetric.E2E_PER_TOKEN).tolerance()).isEqualTo(.2);
  }
}
