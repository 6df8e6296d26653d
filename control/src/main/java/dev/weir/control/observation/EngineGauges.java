// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.control.meter.ControlMeters;
import dev.weir.control.meter.GaugeTable;
import dev.weir.model.view.EngineView;
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

/// Values that engines report, as gauges by replica. A value that was not reported recently has no
/// series: a graph shows a gap, never a zero and never a stale value.
public final class EngineGauges {
  /// Older values are stale.
  private static final Duration MAX_AGE = Duration.ofSeconds(30);

  /// Each replica has six series; more replicas would make scrapes slow.
  private static final int MAX_REPLICAS = 2_000;

  private final Supplier<List<TargetReplica>> replicas;
  private final EngineViews engines;
  private final ControlClock clock;
  private volatile List<Shown> shown = List.of();
  private volatile int leftOut;

  private record Shown(GaugeTable table, Function<Reported, Optional<Double>> value) {}

  private record Reported(Tags tags, EngineView engine, Optional<Duration> age) {
    boolean recent() {
      return age.map(it -> it.compareTo(MAX_AGE) <= 0).orElse(false);
    }

    Optional<Double> fresh(Optional<? extends Number> value) {
      return value.filter(_ -> recent()).map(Number::doubleValue);
    }
  }

  public EngineGauges(
      Supplier<List<TargetReplica>> replicas, EngineViews engines, ControlClock clock) {
    this.replicas = replicas;
    this.engines = engines;
    this.clock = clock;
  }

  public void bindTo(MeterRegistry registry) {
    ControlMeters.gauge(
        registry, Metric.TABLE_OVERFLOW, Tags.of("table", "engine_gauges"), () -> leftOut);
    shown =
        List.of(
            shown(
                registry,
                Metric.REPLICA_RUNNING,
                reported -> reported.fresh(reported.engine().running())),
            shown(
                registry,
                Metric.REPLICA_WAITING,
                reported -> reported.fresh(reported.engine().waiting())),
            shown(
                registry,
                Metric.REPLICA_KV_USAGE,
                reported -> reported.fresh(reported.engine().kvUsage())),
            shown(
                registry,
                Metric.REPLICA_ASLEEP,
                reported -> reported.fresh(reported.engine().asleep().map(is -> is ? 1 : 0))),
            shown(
                registry,
                Metric.REPLICA_METRICS_MISSING,
                reported -> reported.fresh(Optional.of(reported.engine().missing().size()))),
            shown(
                registry,
                Metric.REPLICA_METRICS_AGE,
                reported -> reported.age().map(age -> age.toMillis() / 1000.0)));
  }

  private static Shown shown(
      MeterRegistry registry, Metric metric, Function<Reported, Optional<Double>> value) {
    return new Shown(new GaugeTable(registry, metric), value);
  }

  /// Updates the gauges from all ready replicas.
  public void refresh() {
    if (shown.isEmpty()) {
      return;
    }
    List<Reported> now = reported();
    for (Shown each : shown) {
      Map<Tags, Double> series = new LinkedHashMap<>();
      for (Reported reported : now) {
        each.value().apply(reported).ifPresent(value -> series.put(reported.tags(), value));
      }
      each.table().show(series);
    }
  }

  private List<Reported> reported() {
    Function<TargetReplica, Optional<EngineView>> views = engines.views();
    List<Reported> all = new ArrayList<>();
    int omitted = 0;
    for (TargetReplica replica : replicas.get()) {
      Optional<EngineView> engine = views.apply(replica);
      if (engine.isPresent() && all.size() == MAX_REPLICAS) {
        omitted++;
      } else {
        engine.ifPresent(
            known -> all.add(new Reported(tags(replica), known, known.seenAt().map(this::since))));
      }
    }
    leftOut = omitted;
    return all;
  }

  private Duration since(Instant at) {
    Duration age = Duration.between(at, clock.now());
    return age.isNegative() ? Duration.ZERO : age;
  }

  private static Tags tags(TargetReplica replica) {
    return Tags.of(
        "service", replica.name().namespace() + "/" + replica.name().service(),
        "version", replica.version().toString(),
        "replica", replica.name().toString());
  }
}
