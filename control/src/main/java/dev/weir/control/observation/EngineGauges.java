// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.control.meter.GaugeTable;
import dev.weir.model.EngineView;
import dev.weir.snapshot.metric.Metric;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// What engines tell, as gauges by replica. A figure that was not told, or not lately, is no
/// series: a gap in a graph, never a zero and never the last value for ever.
public final class EngineGauges {
  /// Older figures say nothing about now.
  private static final Duration LATELY = Duration.ofSeconds(30);

  private static final int MOST_REPLICAS = 500;

  private final Supplier<List<Seen>> replicas;
  private final Engines engines;
  private final LookClock clock;
  private volatile List<Shown> shown = List.of();

  private record Shown(GaugeTable table, Function<Told, Optional<Double>> value) {}

  private record Told(Tags tags, EngineView engine, Optional<Duration> age) {
    boolean lately() {
      return age.map(it -> it.compareTo(LATELY) <= 0).orElse(false);
    }

    Optional<Double> fresh(Optional<? extends Number> figure) {
      return figure.filter(_ -> lately()).map(Number::doubleValue);
    }
  }

  public EngineGauges(Supplier<List<Seen>> replicas, Engines engines, LookClock clock) {
    this.replicas = replicas;
    this.engines = engines;
    this.clock = clock;
  }

  public void bindTo(MeterRegistry registry) {
    shown =
        List.of(
            shown(registry, Metric.REPLICA_RUNNING, told -> told.fresh(told.engine().running())),
            shown(registry, Metric.REPLICA_WAITING, told -> told.fresh(told.engine().waiting())),
            shown(registry, Metric.REPLICA_KV_USAGE, told -> told.fresh(told.engine().kvUsage())),
            shown(
                registry,
                Metric.REPLICA_ASLEEP,
                told -> told.fresh(told.engine().asleep().map(is -> is ? 1 : 0))),
            shown(
                registry,
                Metric.REPLICA_METRICS_MISSING,
                told -> told.fresh(Optional.of(told.engine().missing().size()))),
            shown(
                registry,
                Metric.REPLICA_METRICS_AGE,
                told -> told.age().map(age -> age.toMillis() / 1000.0)));
  }

  private static Shown shown(
      MeterRegistry registry, Metric metric, Function<Told, Optional<Double>> value) {
    return new Shown(new GaugeTable(registry, metric), value);
  }

  /// Looks at all ready replicas anew.
  public void refresh() {
    if (shown.isEmpty()) {
      return;
    }
    List<Told> now = told();
    for (Shown each : shown) {
      Map<Tags, Double> series = new LinkedHashMap<>();
      for (Told told : now) {
        each.value().apply(told).ifPresent(value -> series.put(told.tags(), value));
      }
      each.table().show(series);
    }
  }

  private List<Told> told() {
    Function<Seen, Optional<EngineView>> views = engines.views();
    List<Told> all = new ArrayList<>();
    for (Seen replica : replicas.get()) {
      views
          .apply(replica)
          .filter(_ -> all.size() < MOST_REPLICAS)
          .ifPresent(
              engine -> all.add(new Told(tags(replica), engine, engine.seenAt().map(this::since))));
    }
    return all;
  }

  private Duration since(Instant at) {
    Duration age = Duration.between(at, clock.now());
    return age.isNegative() ? Duration.ZERO : age;
  }

  private static Tags tags(Seen replica) {
    return Tags.of(
        "service", replica.name().namespace() + "/" + replica.name().service(),
        "version", replica.version().toString(),
        "replica", replica.name().toString());
  }
}
