// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.Forecast;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.proof.RampPlan;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrafficForecastTest {
  private static final AnalysisPlan STEPS =
      AnalysisPlan.defaults()
          .withMetrics(Map.of(ReleaseMetric.ERROR, ReleaseMetric.ERROR.defaults()));
  private static final AnalysisPlan RAMP =
      STEPS.withRamp(new RampPlan(List.of(.05, .5), 30_000, 20, 6_500));

  private static String described(AnalysisPlan plan, double clients, double generated) {
    return TrafficForecast.describe(new Forecast(plan, BaselineSeed.none(), clients, generated));
  }

  @Test
  void the_source_of_the_rate_is_named() {
    assertThat(described(STEPS, 4.84, 0)).isEqualTo("from the last minutes: 4.8 requests/s");
    assertThat(described(STEPS, 0.2, 5))
        .isEqualTo("from the last minutes: 0.2 requests/s, and 5 generated requests/s");
    assertThat(described(STEPS, 0, 0))
        .isEqualTo(
            "no requests in the last minutes: a release is decided only when requests arrive");
  }

  @Test
  void on_a_ramp_the_time_to_the_proof_is_estimated() {
    assertThat(described(RAMP, 40, 0))
        .matches(
            "from the last minutes: 40 requests/s: a version that is as good as the present one is"
                + " proven in about (a minute|\\d+ minutes)");
  }
}
