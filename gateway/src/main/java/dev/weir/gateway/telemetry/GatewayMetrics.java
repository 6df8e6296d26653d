// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.Current;
import dev.weir.gateway.exchange.Detours;
import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Cause;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
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
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// Every metric of a gateway, with unit and meaning; the names on `/metrics` stand beside each.
/// Labels are bounded: services and versions come from snapshots (2,000 pairs at most, then
/// `other`) and leave ten minutes after the snapshot has dropped them; so do routes come, which
/// stay; outcomes, causes and directions are closed lists. Nothing that a client can choose is a
/// label.
public final class GatewayMetrics implements AutoCloseable {
  /// `weir_requests_total{service,version,outcome}`.
  static final CounterSpec REQUESTS =
      new CounterSpec(
          "weir.requests",
          "Requests ended, as the client saw them, by the version that answered last"
              + " (outcome: success, client_error, gateway_error, engine_error)");

  /// `weir_attempts_total{service,version,outcome}`.
  static final CounterSpec ATTEMPTS =
      new CounterSpec(
          "weir.attempts",
          "Attempts at replicas ended (outcome: success; failure of the engine; backpressure, when"
              + " it was full; neutral, when it was nobody's or the client's doing)");

  /// `weir_retries_total{service,version,outcome,cause}`.
  static final CounterSpec RETRIES =
      new CounterSpec(
          "weir.retries",
          "Attempts after which another replica was tried, by why they ended"
              + " (outcome: failure, backpressure)");

  /// `weir_ejections_total{service,version}`.
  static final CounterSpec EJECTIONS =
      new CounterSpec(
          "weir.ejections",
          "Breakers of replicas opened, for failures in a row or for most attempts failing");

  /// `weir_retry_budget_exhausted_total{service,version}`.
  static final CounterSpec BUDGET_EXHAUSTED =
      new CounterSpec(
          "weir.retry.budget.exhausted",
          "Requests that failed for good because the service's retry budget was used up");

  /// `weir_fallbacks_total{route,cause}`.
  static final CounterSpec FALLBACKS =
      new CounterSpec(
          "weir.fallbacks",
          "Requests taken to another service, once for each, by the route that names it and why the"
              + " one before did not answer (cause: down, saturated, contextTooLong)");

  /// `weir_resumes_total{service,version,result}`.
  static final CounterSpec RESUMES =
      new CounterSpec(
          "weir.resumes",
          "Broken streams continued on another replica (result: continued, failed)");

  /// `weir_tokens_total{service,version,direction}`.
  static final CounterSpec TOKENS =
      new CounterSpec("weir.tokens", "Tokens as told to clients (direction: prompt, output)");

  /// `weir_requests_refused_total{reason}`.
  static final CounterSpec REFUSED =
      new CounterSpec("weir.requests.refused", "Requests turned away before a version was chosen");

  /// `weir_request_ttft_seconds{service,version}`.
  static final TimerSpec TTFT =
      new TimerSpec(
          "weir.request.ttft",
          "From a request's arrival to the first token the client got",
          5,
          10,
          25,
          50,
          100,
          250,
          500,
          1_000,
          2_500,
          5_000,
          10_000,
          30_000,
          60_000);

  /// `weir_request_itl_seconds{service,version}`.
  static final TimerSpec ITL =
      new TimerSpec(
          "weir.request.itl",
          "Mean gap between the tokens of one attempt",
          1,
          2,
          5,
          10,
          20,
          35,
          50,
          75,
          100,
          200,
          500,
          1_000);

  /// `weir_request_duration_seconds{service,version}`.
  static final TimerSpec DURATION =
      new TimerSpec(
          "weir.request.duration",
          "From a request's arrival to its end",
          10,
          25,
          50,
          100,
          250,
          500,
          1_000,
          2_500,
          5_000,
          10_000,
          30_000,
          60_000,
          120_000,
          300_000);

  /// `weir_inflight{service,version}`.
  static final String IN_FLIGHT = "weir.inflight";

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
      refused.put(kind, REFUSED.with(registry, Tags.of("reason", kind.code())));
    }
    gauge("weir.snapshot.sequence", "Number of the snapshot that is served", snapshotSequence::get);
    Gauge.builder("weir.snapshot.age", this, m -> m.snapshotAgeSeconds())
        .description("Since the snapshot that is served was put in place")
        .baseUnit("seconds")
        .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    gc.bindTo(registry);
  }

  /// A counter before it has its labels.
  record CounterSpec(String name, String meaning) {
    Counter with(MeterRegistry registry, Tags tags) {
      return Counter.builder(name).description(meaning).tags(tags).register(registry);
    }
  }

  /// A histogram of seconds before it has its labels.
  static final class TimerSpec {
    private final String name;
    private final String meaning;
    private final Duration[] edges;

    /// @param edgesMillis upper edges of its buckets, rising
    TimerSpec(String name, String meaning, long... edgesMillis) {
      this.name = name;
      this.meaning = meaning;
      this.edges = Arrays.stream(edgesMillis).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }

    Timer with(MeterRegistry registry, Tags tags) {
      return Timer.builder(name)
          .description(meaning)
          .tags(tags)
          .serviceLevelObjectives(edges)
          .register(registry);
    }
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

  /// Shows the lease as `weir_lease_remaining_seconds`.
  public void gaugeLease(LongSupplier remainingMillis) {
    Gauge.builder("weir.lease.remaining", remainingMillis, l -> l.getAsLong() / 1e3)
        .description("How long canary arms may still be fed without a renewal")
        .baseUnit("seconds")
        .strongReference(true)
        .register(registry);
  }

  /// Shows how many replicas have their breaker in each state as `weir_breakers{state}`.
  public void gaugeBreakers(Map<String, LongSupplier> byState) {
    byState.forEach((state, count) ->
        Gauge.builder("weir.breakers", count, LongSupplier::getAsLong)
            .description("Replicas by the state of their breaker (closed, open, half_open)")
            .tag("state", state)
            .strongReference(true)
            .register(registry));
  }

  /// Shows how long the listener's certificate is still good as
  /// `weir_tls_certificate_remaining_seconds`.
  public void gaugeCertificate(LongSupplier remainingSeconds) {
    Gauge.builder("weir.tls.certificate.remaining", remainingSeconds, LongSupplier::getAsLong)
        .description("Until the certificate of this listener expires")
        .baseUnit("seconds")
        .strongReference(true)
        .register(registry);
  }

  /// `weir_telemetry_unacked`, `weir_telemetry_lost_batches_total`,
  /// `weir_telemetry_lost_records_total`.
  void gaugeTelemetry(LongSupplier unacked, LongSupplier lostBatches, LongSupplier lostRecords) {
    gauge("weir.telemetry.unacked", "Batches that the control plane has not got yet", unacked);
    count("weir.telemetry.lost.batches", "Batches given up since the start", lostBatches);
    count("weir.telemetry.lost.records", "Changes of records lost since the start", lostRecords);
  }

  /// Shows how often a limit turned a request away as `weir_admission_refused_total{scope,limit}`.
  ///
  /// @param scope `key`, `tenant` or `model`
  /// @param limit `requests`, `tokens` or `concurrency`
  public void countLimit(String scope, String limit, LongSupplier refusals) {
    counted.add(refusals); // the registry itself holds it weakly
    FunctionCounter.builder("weir.admission.refused", refusals, LongSupplier::getAsLong)
        .description("Requests that a limit turned away")
        .tags("scope", scope, "limit", limit)
        .register(registry);
  }

  /// Shows how copies of requests ended as `weir_mirrored_requests_total{result}`.
  ///
  /// @param byResult `answered`, `failed`, `dropped` (too many under way, or nobody to send it to)
  public void countMirrored(Map<String, LongSupplier> byResult) {
    byResult.forEach((result, count) -> {
      counted.add(count); // the registry itself holds it weakly
      FunctionCounter.builder("weir.mirrored.requests", count, LongSupplier::getAsLong)
          .description(
              "Copies of requests that a route's mirror got (result: answered, failed), or did not"
                  + " get because too many were under way or nobody was there (dropped)")
          .tags("result", result)
          .register(registry);
    });
  }

  /// Shows how many requests wait for a place as `weir_admission_waiting`.
  public void gaugeWaiting(LongSupplier waiting) {
    gauge("weir.admission.waiting", "Requests that wait for a place at their service", waiting);
  }

  /// `weir_accesslog_dropped_total`.
  public void gaugeAccessLog(LongSupplier dropped) {
    count("weir.accesslog.dropped", "Access lines dropped because too many waited", dropped);
  }

  private void gauge(String name, String meaning, LongSupplier value) {
    Gauge.builder(name, value, LongSupplier::getAsLong)
        .description(meaning)
        .strongReference(true)
        .register(registry);
  }

  private void count(String name, String meaning, LongSupplier value) {
    counted.add(value); // the registry itself holds it weakly
    FunctionCounter.builder(name, value, LongSupplier::getAsLong)
        .description(meaning)
        .register(registry);
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

  void detoured(Detours detours) {
    detours.causes().forEach(cause -> fallback(detours.route(), cause).increment());
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
            FALLBACKS.with(
                registry, Tags.of("route", k.route(), "cause", Detours.word(k.cause()))));
  }

  void swapped(long sequence) {
    snapshotSequence.set(sequence);
    snapshotSinceNanos.set(nanoTime.getAsLong());
  }

  private double snapshotAgeSeconds() {
    return (nanoTime.getAsLong() - snapshotSinceNanos.get()) / 1e9;
  }

  /// Removes the series of versions that no snapshot has named for ten minutes.
  void forgetUnserved(Current current) {
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
