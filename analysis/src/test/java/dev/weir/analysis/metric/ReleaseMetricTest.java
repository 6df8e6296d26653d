// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReleaseMetricTest {
  private static final Path GUIDE = Path.of("..", "docs", "guides", "release-metrics.md");

  @Test
  void the_default_weights_share_all_of_alpha() {
    double sum =
        Arrays.stream(ReleaseMetric.values()).mapToDouble(m -> m.defaults().weight()).sum();
    assertThat(sum).isCloseTo(1, within(1e-9));
  }

  @Test
  void the_guide_has_a_row_with_the_defaults_of_each_metric() throws IOException {
    List<String> lines = Files.readAllLines(GUIDE);
    for (ReleaseMetric metric : ReleaseMetric.values()) {
      List<String> row =
          lines.stream()
              .filter(line -> line.startsWith("| `" + metric + "` |"))
              .findFirst()
              .map(line -> List.of(line.split("\\s*\\|\\s*", -1)))
              .orElse(List.of());
      assertThat(row).as("row of %s", metric).hasSize(8);
      MetricPlan plan = metric.defaults();
      assertThat(row.get(2)).isEqualTo(metric.description());
      assertThat(row.get(3)).isEqualTo(worse(metric.kind(), plan.tolerance()));
      assertThat(row.get(4).replace(" at p50 and p95", ""))
          .isEqualTo(worse(metric.kind(), plan.margin()));
      assertThat(Double.parseDouble(row.get(5))).isEqualTo(plan.weight());
      assertThat(row.get(6)).as("gates of %s", metric).startsWith(gates(metric));
    }
  }

  private static String gates(ReleaseMetric metric) {
    if (!metric.defaults().gating()) {
      return "no";
    }
    return metric.mayNotApply() ? "yes, once " : "yes";
  }

  private static String worse(ReleaseMetric.Kind kind, double by) {
    BigDecimal exact = BigDecimal.valueOf(by);
    return switch (kind) {
      case RATE -> "+" + exact.movePointRight(2).stripTrailingZeros().toPlainString() + " pp";
      case LATENCY, LENGTH -> "x" + exact.add(BigDecimal.ONE).setScale(2, RoundingMode.UNNECESSARY);
      case SCORE -> "-" + exact.toPlainString();
    };
  }
}
