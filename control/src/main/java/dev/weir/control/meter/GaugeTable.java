// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.meter;

import dev.weir.snapshot.metric.Metric;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A gauge whose series come and go. Series are registered only when others are shown than before:
/// new values of the same series cost next to nothing.
///
/// One thread at a time shows; values may be read from any.
public final class GaugeTable {
  private final Metric metric;
  private final MultiGauge gauge;
  private volatile Map<Tags, Number> values = Map.of();

  public GaugeTable(MeterRegistry registry, Metric metric) {
    this.metric = metric;
    MultiGauge.Builder builder =
        MultiGauge.builder(metric.meterName()).description(metric.meaning());
    this.gauge =
        (metric.inSeconds() ? builder.baseUnit(metric.unit()) : builder).register(registry);
  }

  /// Shows these series and no others.
  public void show(Map<Tags, ? extends Number> series) {
    Map<Tags, Number> before = values;
    values = Map.copyOf(series);
    if (!values.keySet().equals(before.keySet())) {
      register(values.keySet());
    }
  }

  private void register(Set<Tags> all) {
    List<Row<?>> rows = new ArrayList<>();
    for (Tags tags : all) {
      ControlMeters.check(metric, Metric.Type.GAUGE, tags);
      rows.add(Row.of(tags, () -> value(tags)));
    }
    gauge.register(rows, true);
  }

  /// Not a number for a series that is gone: it is read once more while others are registered.
  private Number value(Tags tags) {
    return values.getOrDefault(tags, Double.NaN);
  }
}
