// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.FallbackTrace;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Cause;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.metric.Metric;
import dev.weir.snapshot.metric.RetiredMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// The metrics of a gateway, declared in [Metric]. Series of services and versions are created from
/// snapshots (at most 2,000 pairs, then `other`) and removed ten minutes after they left the
/// snapshot. Series of routes are created likewise and never removed.
public final class GatewayMetrics implements AutoCloseable {
  private static final long[] TTFT_MILLIS = {
    5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000
  };
  private static final long[] ITL_MILLIS = {1, 2, 5, 10, 20, 35, 50, 75, 100, 200, 500, 1_000};
  private static final long[] DURATION_MILLIS = {
    10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000
  };

  private static final int MAX_VERSIONS = 2_000;
  private static final Duration RETENTION = Duration.ofMinutes(10);

  private final PrometheusMeterRegistry registry;
  private final LongSupplier nanoTime;
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final Map<Key, VersionMeters> versions = new ConcurrentHashMap<>();
  private final Map<RouteCause, Counter> fallbacks = new ConcurrentHashMap<>();
  private final Map<Failure.Kind, Counter> refused = new EnumMap<>(Failure.Kind.class);
  private final AtomicLong snapshotSequence = new AtomicLong();
  private final AtomicLong snapshotSinceNanos;
  private final List<LongSupplier> counted = new CopyOnWriteArrayList<>();
  private final VersionMeters other;

  public GatewayMetrics(LongSupplier nanoTime) {
    this.registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    this.nanoTime = nanoTime;
    this.snapshotSinceNanos = new AtomicLong(nanoTime.getAsLong());
    this.other = new VersionMeters(registry, "other", "other");
    for (Failure.Kind kind : Failure.Kind.values()) {
      refused.put(
          kind,
          GatewayMeters.counter(registry, Metric.REQUESTS_REFUSED, Tags.of("reason", kind.code())));
    }
    gauge(Metric.SNAPSHOT_SEQUENCE, snapshotSequence::get);
    gauge(Metric.SNAPSHOT_AGE, this::snapshotAgeSeconds);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    gc.bindTo(registry);
  }

  private record Key(String service, String version) {}

  private record RouteCause(String route, Cause cause) {}

  /// The bytes of `/metrics`, in the Prometheus text format 0.0.4. Takes milliseconds: do not call
  /// on an event loop.
  public byte[] scrape() {
    return RetiredMetrics.addedTo(registry.scrape()).getBytes(StandardCharsets.UTF_8);
  }

  /// For meters of other packages.
  public MeterRegistry registry() {
    return registry;
  }

  static Timer ttft(MeterRegistry registry, Tags tags) {
    return GatewayMeters.histogram(registry, Metric.TTFT, tags, TTFT_MILLIS);
  }

  static Timer itl(MeterRegistry registry, Tags tags) {
    return GatewayMeters.histogram(registry, Metric.ITL, tags, ITL_MILLIS);
  }

  static Timer duration(MeterRegistry registry, Tags tags) {
    return GatewayMeters.histogram(registry, Metric.DURATION, tags, DURATION_MILLIS);
  }

  static Timer wait(MeterRegistry registry, Tags tags) {
    return GatewayMeters.histogram(registry, Metric.ADMISSION_WAIT, tags, DURATION_MILLIS);
  }

  /// Registers the remaining time of the canary lease.
  public void gaugeLease(LongSupplier remainingMillis) {
    gauge(Metric.LEASE_REMAINING, () -> remainingMillis.getAsLong() / 1e3);
  }

  /// Registers whether snapshots of another store are rejected.
  public void gaugeRefusedStore(LongSupplier refused) {
    gauge(Metric.STORE_REFUSED, refused::getAsLong);
  }

  /// Registers the number of replicas per breaker state.
  public void gaugeBreakers(Map<String, LongSupplier> byState) {
    byState.forEach((state, count) ->
        GatewayMeters.gauge(registry, Metric.BREAKERS, Tags.of("state", state), count::getAsLong));
  }

  /// Registers the number of recordings per state.
  public void gaugeRecordings(Map<String, LongSupplier> byState) {
    byState.forEach((state, count) ->
        GatewayMeters.gauge(
            registry, Metric.RECORDINGS, Tags.of("state", state), count::getAsLong));
  }

  /// Registers the remaining validity of the listener's certificate.
  public void gaugeCertificate(LongSupplier remainingSeconds) {
    gauge(Metric.CERTIFICATE_REMAINING, remainingSeconds::getAsLong);
  }

  void gaugeTelemetry(LongSupplier unacked, LongSupplier lostBatches, LongSupplier lostRecords) {
    gauge(Metric.TELEMETRY_UNACKED, unacked::getAsLong);
    count(Metric.TELEMETRY_LOST_BATCHES, Tags.empty(), lostBatches);
    count(Metric.TELEMETRY_LOST_RECORDS, Tags.empty(), lostRecords);
  }

  /// Registers the number of requests that a limit rejected.
  ///
  /// @param scope `key`, `tenant` or `service`
  /// @param limit `requests`, `tokens` or `concurrency`
  public void countLimit(String scope, String limit, LongSupplier refusals) {
    count(Metric.ADMISSION_REFUSED, Tags.of("scope", scope, "limit", limit), refusals);
  }

  /// Registers the results of mirrored requests.
  ///
  /// @param byResult `answered`, `failed`, `dropped` (too many in flight, or no replica)
  public void countMirrored(Map<String, LongSupplier> byResult) {
    byResult.forEach((result, count) -> count(Metric.MIRRORED, Tags.of("result", result), count));
  }

  /// Registers the results of requests sampled for recording.
  ///
  /// @param byResult `kept`, `left_out` (too large, or not redactable), `dropped` (no key, or queue
  ///   full)
  public void countRecorded(Map<String, LongSupplier> byResult) {
    byResult.forEach((result, count) -> count(Metric.RECORDED, Tags.of("result", result), count));
  }

  /// Registers the results of generated requests.
  ///
  /// @param byResult `answered`, `failed`, `dropped` (no spare capacity, or no prompt)
  public void countGenerated(Map<String, LongSupplier> byResult) {
    byResult.forEach((result, count) -> count(Metric.GENERATED, Tags.of("result", result), count));
  }

  /// Registers the results of shadow requests.
  ///
  /// @param byResult `answered`, `failed`, `cancelled` (the client disconnected), `dropped` (too
  ///   many in flight, or too large)
  public void countShadowed(Map<String, LongSupplier> byResult) {
    byResult.forEach((result, count) -> count(Metric.SHADOWED, Tags.of("result", result), count));
  }

  /// Registers the results of sampled answers for grading.
  ///
  /// @param byResult `graded`, `unreadable` (the judge's answer has no grade), `failed` (no
  ///   answer), `late`, `dropped` (queue full)
  public void countGraded(Map<String, LongSupplier> byResult) {
    byResult.forEach((result, count) -> count(Metric.GRADED, Tags.of("result", result), count));
  }

  /// Registers the number of services with an active adaptive concurrency limit.
  public void gaugeLimited(LongSupplier services) {
    gauge(Metric.ADAPTIVE_LIMITED, services::getAsLong);
  }

  /// Registers the number of requests in the admission queues.
  public void gaugeWaiting(LongSupplier waiting) {
    gauge(Metric.ADMISSION_WAITING, waiting::getAsLong);
  }

  /// Registers the lag of the event loops and its consequences.
  ///
  /// @param lagNanos of the slowest loop
  /// @param shed requests rejected because of the lag
  /// @param clientsLeft requests dropped because their clients disconnected
  public void gaugeLoops(LongSupplier lagNanos, LongSupplier shed, LongSupplier clientsLeft) {
    gauge(Metric.LOOP_LAG, () -> lagNanos.getAsLong() / 1e9);
    count(Metric.REQUESTS_SHED, Tags.empty(), shed);
    count(Metric.REQUESTS_DROPPED, Tags.empty(), clientsLeft);
  }

  public void gaugeAccessLog(LongSupplier dropped) {
    count(Metric.ACCESS_LOG_DROPPED, Tags.empty(), dropped);
  }

  private void gauge(Metric metric, DoubleSupplier value) {
    GatewayMeters.gauge(registry, metric, Tags.empty(), value);
  }

  private void count(Metric metric, Tags tags, LongSupplier value) {
    counted.add(value); // the registry references it weakly
    GatewayMeters.counted(registry, metric, tags, value);
  }

  /// Meters of a version; created on first use.
  VersionMeters of(String service, String version) {
    var key = new Key(service, version);
    VersionMeters known = versions.get(key);
    if (known != null) {
      return known;
    }
    if (versions.size() >= MAX_VERSIONS) {
      return other;
    }
    return versions.computeIfAbsent(
        key,
        _ -> {
          var created = new VersionMeters(registry, service, version);
          created.usedAt(nanoTime.getAsLong());
          return created;
        });
  }

  void refused(Failure.Kind kind) {
    Counter counter = refused.get(kind);
    if (counter != null) {
      counter.increment();
    }
  }

  void fellBack(FallbackTrace fallbackTrace) {
    fallbackTrace.causes().forEach(cause -> fallback(fallbackTrace.route(), cause).increment());
  }

  private Counter fallback(String route, Cause cause) {
    var key = new RouteCause(route, cause);
    Counter known = fallbacks.get(key);
    if (known != null) {
      return known;
    }
    if (fallbacks.size() >= MAX_VERSIONS) {
      key = new RouteCause("other", cause);
    }
    return fallbacks.computeIfAbsent(
        key,
        k ->
            GatewayMeters.counter(
                registry,
                Metric.FALLBACKS,
                Tags.of("route", k.route(), "cause", FallbackTrace.label(k.cause()))));
  }

  void swapped(long sequence) {
    snapshotSequence.set(sequence);
    snapshotSinceNanos.set(nanoTime.getAsLong());
  }

  private double snapshotAgeSeconds() {
    return (nanoTime.getAsLong() - snapshotSinceNanos.get()) / 1e9;
  }

  /// Removes the series of versions that no snapshot has contained for ten minutes.
  void forgetUnserved(IndexedSnapshot current) {
    long now = nanoTime.getAsLong();
    Set<Key> served = new HashSet<>();
    for (ServiceEntry service : current.snapshot().services()) {
      Stream.concat(Stream.of(service.stable()), service.canary().stream().map(CanaryArm::arm))
          .forEach(arm -> served.add(new Key(service.id(), arm.version())));
    }
    versions.forEach((key, meters) -> {
      if (served.contains(key)) {
        meters.usedAt(now);
      } else if (meters.isUnusedSince(now - RETENTION.toNanos()) && versions.remove(key, meters)) {
        meters.removeFrom(registry);
      }
    });
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}
