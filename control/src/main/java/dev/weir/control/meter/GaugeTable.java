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

/// A gauge with changing series. Series are registered only when the set changes; new values of the
/// same series are cheap.
///
/// One thread at a time calls [#show]; any thread may read values.
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

  /// Replaces all series by these.
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

  /// NaN for a removed series, which may be read once more while others are registered.
  private Number value(Tags tags) {
    return values.getOrDefault(tags, Double.NaN);
  }
}
