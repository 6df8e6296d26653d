// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.setup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricSamplesTest {
  private static final MetricSamples PAGE =
      new MetricSamples(
          """
          # HELP weir_requests_total Requests.
          weir_requests_total{model="chat",code="200"} 2.0
          weir_requests_total{model="chat",code="503"} 1
          weir_requests_total_other 7
          weir_retries_total 1.5E1
          """);

  @Test
  void samples_are_summed_by_prefix_and_label() {
    assertThat(PAGE.sum("weir_requests_total{")).isEqualTo(3);
    assertThat(PAGE.sum("weir_requests_total{", "code=\"503\"")).isEqualTo(1);
    assertThat(PAGE.sum("weir_none")).isZero();
  }

  @Test
  void samples_are_summed_by_name() {
    assertThat(PAGE.sums())
        .containsEntry("weir_requests_total", 3.0)
        .containsEntry("weir_retries_total", 15.0)
        .hasSize(3);
  }
}
