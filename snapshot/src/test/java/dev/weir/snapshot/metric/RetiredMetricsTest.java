// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot.metric;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetiredMetricsTest {
  @Test
  void a_renamed_metric_has_both_names_and_the_old_one_names_the_new_one() {
    String page =
        """
        # HELP weir_breaker_opened_total Breakers opened
        # TYPE weir_breaker_opened_total counter
        weir_breaker_opened_total{service="default/chat",version="chat@1"} 3.0
        # HELP weir_breakers Breakers by state
        # TYPE weir_breakers gauge
        weir_breakers{state="open"} 1.0
        # HELP weir_adaptive_limited_services Services
        # TYPE weir_adaptive_limited_services gauge
        weir_adaptive_limited_services 2.0
        """;
    assertThat(RetiredMetrics.addedTo(page))
        .isEqualTo(
            page
                + """
                # HELP weir_ejections_total Retired: use weir_breaker_opened_total
                # TYPE weir_ejections_total counter
                weir_ejections_total{service="default/chat",version="chat@1"} 3.0
                # HELP weir_admission_limited Retired: use weir_adaptive_limited_services
                # TYPE weir_admission_limited gauge
                weir_admission_limited 2.0
                """);
  }

  @Test
  void a_renamed_label_has_both_names_in_one_series() {
    assertThat(
            RetiredMetrics.addedTo(
                "weir_control_api_streams{type=\"watch\"} 1.0\nother{type=\"watch\"} 1.0\n"))
        .isEqualTo(
            "weir_control_api_streams{sort=\"watch\",type=\"watch\"} 1.0\nother{type=\"watch\"} 1.0\n");
  }

  @Test
  void no_retired_name_is_reused() {
    for (Metric metric : Metric.values()) {
      assertThat(Metric.values())
          .noneMatch(other ->
              RetiredMetrics.nameOf(metric).filter(other.exposedName()::equals).isPresent());
    }
  }
}
