// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static dev.weir.control.ControlWorld.ONE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.engine.EngineLoadMetric;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.view.EngineView;
import dev.weir.runtime.ObservedEngine;
import dev.weir.runtime.engine.EngineReport;
import dev.weir.snapshot.metric.Exposition;
import dev.weir.snapshot.metric.Metric.Plane;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What engines tell is shown, and decides nothing.
class EnginesTest {
  private static final ReplicaName ZERO = new ReplicaName("default", "chat", ONE, 0);
  private static final ReplicaName OTHER = new ReplicaName("default", "chat", ONE, 1);

  @TempDir Path folder;

  private static ObservedEngine full(Instant at) {
    return ObservedEngine.UNSEEN.seen(
        new EngineReport(
            Optional.of("0.30.0"),
            Map.of(EngineLoadMetric.RUNNING, 256.0, EngineLoadMetric.KV_USAGE, 1.0),
            Optional.empty(),
            List.of("vllm:num_requests_waiting"),
            ""),
        at);
  }

  private static EngineView engine(ControlWorld world, ReplicaName name) {
    return world.control().views().replicas().stream()
        .filter(replica -> replica.name().equals(name.toString()))
        .findFirst()
        .orElseThrow()
        .engine()
        .orElseThrow();
  }

  private static Optional<Double> gauge(
      PrometheusMeterRegistry registry, String name, String replica) {
    return Optional.ofNullable(
            registry.find("weir.replica." + name).tag("replica", replica).gauge())
        .map(Gauge::value);
  }

  @Test
  void what_an_engine_tells_is_seen_with_its_replica_and_changes_no_routing() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      List<?> before = world.control().published().snapshot().services();
      world.provider.tell(ZERO, full(world.clock.instant()));
      world.provider.tell(OTHER, ObservedEngine.UNSEEN.failed("GET /metrics: no answer in time"));
      EngineView told = engine(world, ZERO);
      assertThat(told.version()).contains("0.30.0");
      assertThat(told.running()).contains(256L);
      assertThat(told.waiting()).isEmpty();
      assertThat(told.kvUsage()).contains(1.0);
      assertThat(told.missing()).containsExactly("vllm:num_requests_waiting");
      assertThat(engine(world, OTHER).problem()).isEqualTo("GET /metrics: no answer in time");
      world.steps(5);
      assertThat(world.control().published().snapshot().services()).isEqualTo(before);
    }
  }

  @Test
  void figures_are_gauges_while_they_are_fresh_and_what_is_not_told_is_none() {
    try (ControlWorld world = new ControlWorld(folder).serving()) {
      PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      world.control().bindTo(registry);
      world.provider.tell(ZERO, full(world.clock.instant()));
      world.provider.tell(OTHER, ObservedEngine.UNSEEN.failed("no answer in time"));
      world.steps(2);
      assertThat(gauge(registry, "requests.running", ZERO.toString())).contains(256.0);
      assertThat(gauge(registry, "requests.waiting", ZERO.toString())).isEmpty();
      assertThat(gauge(registry, "kv.usage.ratio", ZERO.toString())).contains(1.0);
      assertThat(gauge(registry, "metrics.missing", ZERO.toString())).contains(1.0);
      assertThat(gauge(registry, "requests.running", OTHER.toString())).isEmpty();
      assertThat(registry.scrape())
          .contains(
              "weir_replica_requests_running{replica=\"chat-1-0\",service=\"default/chat\",version=\"chat@1\"} 256.0");
      assertThat(Exposition.undeclared(registry.scrape(), Plane.CONTROL)).isEmpty();
      world.clock.advance(Duration.ofSeconds(31));
      world.steps(2);
      assertThat(gauge(registry, "requests.running", ZERO.toString())).isEmpty();
      assertThat(gauge(registry, "metrics.age", ZERO.toString()).orElseThrow()).isGreaterThan(30);
    }
  }
}
