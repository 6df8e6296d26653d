// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.model.EngineView;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

  private record Shown(MultiGauge gauge, Function<Told, Optional<Double>> value) {}

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
            new Shown(
                gauge(registry, "requests.running", "Requests that the engine works on"),
                told -> told.fresh(told.engine().running())),
            new Shown(
                gauge(registry, "requests.waiting", "Requests in the engine's queue"),
                told -> told.fresh(told.engine().waiting())),
            new Shown(
                gauge(registry, "kv.usage.ratio", "Share of the engine's KV cache in use, 0 to 1"),
                told -> told.fresh(told.engine().kvUsage())),
            new Shown(
                gauge(registry, "asleep", "1 while the engine has let go of its weights"),
                told -> told.fresh(told.engine().asleep().map(is -> is ? 1 : 0))),
            new Shown(
                gauge(
                    registry,
                    "metrics.missing",
                    "Metrics that the engine should show and does not"),
                told -> told.fresh(Optional.of(told.engine().missing().size()))),
            new Shown(
                gauge(
                    registry, "metrics.age.seconds", "Seconds since the engine last told its load"),
                told -> told.age().map(age -> age.toMillis() / 1000.0)));
  }

  private static MultiGauge gauge(MeterRegistry registry, String name, String description) {
    return MultiGauge.builder("weir.replica." + name).description(description).register(registry);
  }

  /// Looks at all ready replicas anew.
  public void refresh() {
    if (shown.isEmpty()) {
      return;
    }
    List<Told> now = told();
    for (Shown each : shown) {
      List<Row<?>> rows = new ArrayList<>();
      for (Told told : now) {
        each.value().apply(told).ifPresent(value -> rows.add(Row.of(told.tags(), value)));
      }
      each.gauge().register(rows, true);
    }
  }

  private List<Told> told() {
    List<Told> all = new ArrayList<>();
    for (Seen replica : replicas.get()) {
      engines
          .view(replica)
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
        "namespace", replica.name().namespace(),
        "service", replica.name().service(),
        "version", replica.version().toString(),
        "replica", replica.name().toString());
  }
}
