// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.meter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.metric.Metric;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GaugeTableTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final GaugeTable table = new GaugeTable(registry, Metric.UNCONVERGED);

  @Test
  void exactly_the_series_that_were_last_given_are_shown() {
    table.show(Map.of(series("gw-1"), 1, series("gw-2"), 2));
    assertThat(shown()).containsExactly(Map.entry("gw-1", 1.0), Map.entry("gw-2", 2.0));
    table.show(Map.of(series("gw-2"), 3, series("gw-3"), 4));
    assertThat(shown()).containsExactly(Map.entry("gw-2", 3.0), Map.entry("gw-3", 4.0));
    table.show(Map.of());
    assertThat(shown()).isEmpty();
  }

  /// To register a gauge costs much more than to change its value: with thousands of series and two
  /// refreshes a second it was half of what an idle control plane cost.
  @Test
  void new_values_of_the_same_series_register_nothing() {
    table.show(Map.of(series("gw-1"), 1, series("gw-2"), 2));
    int[] registered = {0};
    registry.config().onMeterAdded(_ -> registered[0]++);
    table.show(Map.of(series("gw-1"), 5, series("gw-2"), 6));
    assertThat(shown()).containsExactly(Map.entry("gw-1", 5.0), Map.entry("gw-2", 6.0));
    assertThat(registered[0]).isZero();
  }

  private static Tags series(String gateway) {
    return Tags.of("gateway", gateway, "reason", "behind");
  }

  private Map<String, Double> shown() {
    Map<String, Double> values = new TreeMap<>();
    registry
        .find(Metric.UNCONVERGED.meterName())
        .gauges()
        .forEach(
            gauge -> values.put(String.valueOf(gauge.getId().getTag("gateway")), gauge.value()));
    return values;
  }
}
