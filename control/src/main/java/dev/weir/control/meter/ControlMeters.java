// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.meter;

import dev.weir.snapshot.metric.Metric;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;

/// Registers meters with the name, unit and meaning of the metric catalogue. An undeclared label is
/// an error.
public final class ControlMeters {
  private ControlMeters() {}

  /// @param value the caller must keep a reference to it: the registry has only a weak one
  public static void counted(MeterRegistry registry, Metric metric, LongAdder value) {
    check(metric, Metric.Type.COUNTER, Tags.empty());
    FunctionCounter.builder(metric.meterName(), value, LongAdder::sum)
        .description(metric.meaning())
        .register(registry);
  }

  public static void gauge(MeterRegistry registry, Metric metric, Tags tags, DoubleSupplier value) {
    check(metric, Metric.Type.GAUGE, tags);
    Gauge.Builder<DoubleSupplier> gauge =
        Gauge.builder(metric.meterName(), value, DoubleSupplier::getAsDouble)
            .description(metric.meaning())
            .tags(tags)
            .strongReference(true);
    if (metric.inSeconds()) {
      gauge.baseUnit(metric.unit());
    }
    gauge.register(registry);
  }

  /// A timer without buckets; returns the existing one if it is already registered.
  public static Timer summary(MeterRegistry registry, Metric metric, Tags tags) {
    check(metric, Metric.Type.SUMMARY, tags);
    return Timer.builder(metric.meterName())
        .description(metric.meaning())
        .tags(tags)
        .register(registry);
  }

  static void check(Metric metric, Metric.Type type, Tags tags) {
    metric.check(type, tags.stream().collect(Collectors.toMap(Tag::getKey, Tag::getValue)));
  }
}
