// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.snapshot.metric.Metric;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/// Registers meters as declared in [Metric]: name, unit and meaning come from there, and undeclared
/// labels are rejected.
final class GatewayMeters {
  private GatewayMeters() {}

  static Counter counter(MeterRegistry registry, Metric metric, Tags tags) {
    check(metric, Metric.Type.COUNTER, tags);
    return Counter.builder(metric.meterName())
        .description(metric.meaning())
        .tags(tags)
        .register(registry);
  }

  /// @param value must be referenced elsewhere: the registry references it weakly
  static void counted(MeterRegistry registry, Metric metric, Tags tags, LongSupplier value) {
    check(metric, Metric.Type.COUNTER, tags);
    FunctionCounter.builder(metric.meterName(), value, LongSupplier::getAsLong)
        .description(metric.meaning())
        .tags(tags)
        .register(registry);
  }

  static Gauge gauge(MeterRegistry registry, Metric metric, Tags tags, DoubleSupplier value) {
    check(metric, Metric.Type.GAUGE, tags);
    Gauge.Builder<DoubleSupplier> gauge =
        Gauge.builder(metric.meterName(), value, DoubleSupplier::getAsDouble)
            .description(metric.meaning())
            .tags(tags)
            .strongReference(true);
    if (metric.inSeconds()) {
      gauge.baseUnit(metric.unit());
    }
    return gauge.register(registry);
  }

  /// @param edgesMillis ascending upper bounds of its buckets
  static Timer histogram(MeterRegistry registry, Metric metric, Tags tags, long... edgesMillis) {
    check(metric, Metric.Type.HISTOGRAM, tags);
    return Timer.builder(metric.meterName())
        .description(metric.meaning())
        .tags(tags)
        .serviceLevelObjectives(
            Arrays.stream(edgesMillis).mapToObj(Duration::ofMillis).toArray(Duration[]::new))
        .register(registry);
  }

  private static void check(Metric metric, Metric.Type type, Tags tags) {
    metric.check(type, tags.stream().collect(Collectors.toMap(Tag::getKey, Tag::getValue)));
  }
}
