// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.control.meter.GaugeTable;
import dev.weir.control.meter.Meters;
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

  /// Six series each: more would make every scrape of the control plane slow.
  private static final int MOST_REPLICAS = 2_000;

  private final Supplier<List<Seen>> replicas;
  private final Engines engines;
  private final LookClock clock;
  private volatile List<Shown> shown = List.of();
  private volatile int leftOut;

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
    Meters.gauge(registry, Metric.LEFT_OUT, Tags.of("table", "engine_gauges"), () -> leftOut);
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
    int beyond = 0;
    for (Seen replica : replicas.get()) {
      Optional<EngineView> engine = views.apply(replica);
      if (engine.isPresent() && all.size() == MOST_REPLICAS) {
        beyond++;
      } else {
        engine.ifPresent(
            known -> all.add(new Told(tags(replica), known, known.seenAt().map(this::since))));
      }
    }
    leftOut = beyond;
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
