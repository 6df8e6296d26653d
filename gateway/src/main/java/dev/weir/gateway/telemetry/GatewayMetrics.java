// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.FallbackTrace;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Cause;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.metric.Metric;
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

/// The metrics of a gateway; what each means is declared in [Metric]. Services and versions come
/// from snapshots (2,000 pairs at most, then `other`) and leave ten minutes after the snapshot has
/// dropped them; so do routes come, which stay.
public final class GatewayMetrics implements AutoCloseable {
  private static final long[] TTFT_MILLIS = {
    5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000
  };
  private static final long[] ITL_MILLIS = {1, 2, 5, 10, 20, 35, 50, 75, 100, 200, 500, 1_000};
  private static final long[] DURATION_MILLIS = {
    10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000
  };

  private static final int MAX_VERSIONS = 2_000;
  private static final Duration KEPT_AFTER_DROP = Duration.ofMinutes(10);

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

  /// The bytes of `/metrics`, in Prometheus' text format 0.0.4. Takes milliseconds: not for an
  /// event loop.
  public byte[] scrape() {
    return registry.scrape().getBytes(StandardCharsets.UTF_8);
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

  /// Shows how long the lease runs.
  public void gaugeLease(LongSupplier remainingMillis) {
    gauge(Metric.LEASE_REMAINING, () -> remainingMillis.getAsLong() / 1e3);
  }

  /// Shows whether snapshots of another store are refused.
  public void gaugeRefusedStore(LongSupplier refused) {
    gauge(Metric.STORE_REFUSED, refused::getAsLong);
  }

  /// Shows how many replicas have their breaker in each state.
  public void gaugeBreakers(Map<String, LongSupplier> byState) {
    byState.forEach((state, count) ->
        GatewayMeters.gauge(registry, Metric.BREAKERS, Tags.of("state", state), count::getAsLong));
  }

  /// Shows how many recordings there are in each state.
  public void gaugeRecordings(Map<String, LongSupplier> byState) {
    byState.forEach((state, count) ->
        GatewayMeters.gauge(
            registry, Metric.RECORDINGS, Tags.of("state", state), count::getAsLong));
  }

  /// Shows how long the listener's certificate is still good.
  public void gaugeCertificate(LongSupplier remainingSeconds) {
    gauge(Metric.CERTIFICATE_REMAINING, remainingSeconds::getAsLong);
  }

  void gaugeTelemetry(LongSupplier unacked, LongSupplier lostBatches, LongSupplier lostRecords) {
    gauge(Metric.TELEMETRY_UNACKED, unacked::getAsLong);
    count(Metric.TELEMETRY_LOST_BATCHES, Tags.empty(), lostBatches);
    count(Metric.TELEMETRY_LOST_RECORDS, Tags.empty(), lostRecords);
  }

  /// Shows how often a limit turned a request away.
  ///
  /// @param scope `key`, `tenant` or `model`
  /// @param limit `requests`, `tokens` or `concurrency`
  public void countLimit(String scope, String limit, LongSupplier refusals) {
    count(Metric.ADMISSION_REFUSED, Tags.of("scope", scope, "limit", limit), refusals);
  }

  /// Shows how copies of requests ended.
  ///
  /// @param byResult `answered`, `failed`, `dropped` (too many under way, or nobody to send it to)
  public void countMirrored(Map<String, LongSupplier> byResult) {
    byResult.forEach((result, count) -> count(Metric.MIRRORED, Tags.of("result", result), count));
  }

  /// Shows what became of requests that were drawn to be recorded.
  ///
  /// @param byResult `kept`, `left_out` (too large, or not to be redacted), `dropped` (no key, or
  ///   too many at a time)
  public void countRecorded(Map<String, LongSupplier> byResult) {
    byResult.forEach((result, count) -> count(Metric.RECORDED, Tags.of("result", result), count));
  }

  /// Shows how the requests ended that the gateway made itself.
  ///
  /// @param byResult `answered`, `failed`, `dropped` (no room beside clients, or nothing to ask)
  public void countGenerated(Map<String, LongSupplier> byResult) {
    byResult.forEach((result, count) -> count(Metric.GENERATED, Tags.of("result", result), count));
  }

  /// Shows how copies for versions under test ended.
  ///
  /// @param byResult `answered`, `failed`, `cancelled` (the client left), `dropped` (too many under
  ///   way, or too large)
  public void countShadowed(Map<String, LongSupplier> byResult) {
    byResult.forEach((result, count) -> count(Metric.SHADOWED, Tags.of("result", result), count));
  }

  /// Shows what became of answers that a judge was to grade.
  ///
  /// @param byResult `graded`, `unreadable` (the judge said no grade), `failed` (it gave no
  ///   answer), `late`, `dropped` (too many waited)
  public void countGraded(Map<String, LongSupplier> byResult) {
    byResult.forEach((result, count) -> count(Metric.GRADED, Tags.of("result", result), count));
  }

  /// Shows how many services are held to what their engines take.
  public void gaugeLimited(LongSupplier services) {
    gauge(Metric.ADMISSION_LIMITED, services::getAsLong);
  }

  /// Shows how many requests wait for a place.
  public void gaugeWaiting(LongSupplier waiting) {
    gauge(Metric.ADMISSION_WAITING, waiting::getAsLong);
  }

  /// Shows how late the event loops are and what that costs.
  ///
  /// @param lagNanos of the latest loop
  /// @param shed requests refused for it
  /// @param clientsLeft requests dropped because their clients had left
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
    counted.add(value); // the registry itself holds it weakly
    GatewayMeters.counted(registry, metric, tags, value);
  }

  /// Meters of a version; made when first asked for.
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
          var fresh = new VersionMeters(registry, service, version);
          fresh.usedAt(nanoTime.getAsLong());
          return fresh;
        });
  }

  void refused(Failure.Kind kind) {
    Counter counter = refused.get(kind);
    if (counter != null) {
      counter.increment();
    }
  }

  void detoured(FallbackTrace fallbackTrace) {
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
                Tags.of("route", k.route(), "cause", FallbackTrace.word(k.cause()))));
  }

  void swapped(long sequence) {
    snapshotSequence.set(sequence);
    snapshotSinceNanos.set(nanoTime.getAsLong());
  }

  private double snapshotAgeSeconds() {
    return (nanoTime.getAsLong() - snapshotSinceNanos.get()) / 1e9;
  }

  /// Removes the series of versions that no snapshot has named for ten minutes.
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
      } else if (meters.isUnusedSince(now - KEPT_AFTER_DROP.toNanos())
          && versions.remove(key, meters)) {
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
