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

/// A gauge whose series come and go.
public final class GaugeTable {
  private final Metric metric;
  private final MultiGauge gauge;

  public GaugeTable(MeterRegistry registry, Metric metric) {
    this.metric = metric;
    MultiGauge.Builder builder =
        MultiGauge.builder(metric.meterName()).description(metric.meaning());
    this.gauge =
        (metric.inSeconds() ? builder.baseUnit(metric.unit()) : builder).register(registry);
  }

  /// Shows these series and no others.
  public void show(Map<Tags, ? extends Number> series) {
    List<Row<?>> rows = new ArrayList<>();
    series.forEach((tags, value) -> {
      Meters.check(metric, Metric.Type.GAUGE, tags);
      rows.add(Row.of(tags, value));
    });
    gauge.register(rows, true);
  }
}
