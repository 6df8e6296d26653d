// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.Bulkhead;
import dev.weir.gateway.admission.ConcurrencySlot;
import dev.weir.gateway.dialect.ApiPath;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.gateway.generate.PoissonSchedule;
import dev.weir.gateway.generate.ProbePrompts;
import dev.weir.gateway.route.RandomizationUnit;
import dev.weir.gateway.route.VersionChoice;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Generates requests to both versions of a release when client traffic is too low to compare them.
///
/// Each gateway generates its share of the configured rate, and only while it holds a valid lease
/// for canary traffic. Clients go first: no request is generated while a client waits, or above
/// half of the service's concurrency limit. The spare-capacity check runs before the version is
/// drawn, so that dropped requests bias neither version. Used on one event loop, except for
/// [#stop()] and the counts.
final class Generator {
  /// Maximum requests in flight per service; further ones are dropped.
  static final int MAX_IN_FLIGHT = 32;

  static final long TICK_MILLIS = 10;

  private static final Logger LOG = LoggerFactory.getLogger(Generator.class);
  private static final double MILLI = 1e-3;

  private final RequestPipeline.Components components;
  private final EventLoop loop;
  private final Map<String, Flow> flows = new HashMap<>();
  private final LongAdder answered = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private IndexedSnapshot lastSnapshot = IndexedSnapshot.NONE;
  private List<ServiceEntry> services = List.of();
  private volatile boolean stopped;

  /// The requests generated for one rollout.
  private static final class Flow {
    private final PoissonSchedule schedule;
    private int inFlight;
    private boolean rejectionLogged;

    Flow(PoissonSchedule schedule) {
      this.schedule = schedule;
    }
  }

  /// @param components of this loop's pipeline
  Generator(RequestPipeline.Components components, EventLoop loop) {
    this.components = components;
    this.loop = loop;
  }

  void start() {
    var _ =
        loop.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /// Sends no more requests; those in flight run to their end.
  void stop() {
    stopped = true;
  }

  /// Number of requests per result: `answered`, `failed` or `dropped`.
  Map<String, LongSupplier> counts() {
    return Map.of("answered", answered::sum, "failed", failed::sum, "dropped", dropped::sum);
  }

  private void tick() {
    IndexedSnapshot now = components.snapshots().current();
    if (now != lastSnapshot) {
      update(now);
    }
    if (!services.isEmpty() && !stopped && components.snapshots().leaseRuns()) {
      services.forEach(service -> generate(service, service.canary().getFirst()));
    }
  }

  private void update(IndexedSnapshot now) {
    lastSnapshot = now;
    services =
        now.snapshot().services().stream()
            .filter(service ->
                service.canary().stream().anyMatch(c -> c.observed() && c.generated().any()))
            .toList();
    Set<String> rollouts =
        services.stream().map(s -> s.canary().getFirst().rollout()).collect(Collectors.toSet());
    flows.keySet().retainAll(rollouts);
  }

  private void generate(ServiceEntry service, CanaryArm canary) {
    long now = components.nanoTime().getAsLong();
    double perSecond =
        canary.generated().millihertz() * MILLI / Math.max(1, components.snapshots().gateways());
    Flow flow =
        flows.computeIfAbsent(
            canary.rollout(),
            _ -> new Flow(new PoissonSchedule(now, perSecond, components.random())));
    while (flow.schedule.due(now, perSecond, components.random())) {
      sendOne(service, canary, flow);
    }
  }

  private void sendOne(ServiceEntry service, CanaryArm canary, Flow flow) {
    Bulkhead bulkhead = components.bulkheads().of(service.id());
    boolean hasCapacity =
        flow.inFlight < MAX_IN_FLIGHT && bulkhead.enterIfSpare(service.isolation().maxInFlight());
    if (!hasCapacity) {
      dropped.increment();
      return;
    }
    Optional<ConcurrencySlot> concurrencySlot =
        components.admissionQueues().tryAcquireSpare(service);
    Optional<SyntheticRequest> syntheticRequest =
        concurrencySlot.isPresent() ? syntheticRequest(service, canary) : Optional.empty();
    if (syntheticRequest.isEmpty()) {
      concurrencySlot.ifPresent(ConcurrencySlot::leave);
      bulkhead.leave();
      dropped.increment();
      return;
    }
    flow.inFlight++;
    send(
        service,
        canary,
        syntheticRequest.get(),
        failure -> {
          flow.inFlight--;
          concurrencySlot.ifPresent(ConcurrencySlot::leave);
          bulkhead.leave();
          ended(service, flow, failure);
        });
  }

  private void send(
      ServiceEntry service,
      CanaryArm canary,
      SyntheticRequest syntheticRequest,
      Consumer<Optional<Failure>> ended) {
    VersionDecision decision =
        VersionChoice.chooseEvenly(
            service, canary, new RandomizationUnit.Lone(components.random().nextLong()));
    new GeneratedRequest(components, loop, syntheticRequest, decision, lastSnapshot, ended).send();
  }

  private Optional<SyntheticRequest> syntheticRequest(ServiceEntry service, CanaryArm canary) {
    Generated generated = canary.generated();
    return switch (generated.stratum()) {
      case PROBES ->
          SyntheticRequest.of(
              generated.completions() ? ApiPath.COMPLETIONS : ApiPath.CHAT,
              ProbePrompts.next(generated, service.name(), components.random()));
      case RECORDED ->
          components
              .recordings()
              .take(service, canary.rollout())
              .flatMap(replayRequest ->
                  SyntheticRequest.of(
                      replayRequest.path(), replayRequest.json().getBytes(StandardCharsets.UTF_8)));
      case CLIENTS, MIRRORED -> Optional.empty();
    };
  }

  private void ended(ServiceEntry service, Flow flow, Optional<Failure> failure) {
    (failure.isEmpty() ? answered : failed).increment();
    boolean rejected = failure.filter(f -> f.kind() == Failure.Kind.REJECTED_BY_ENGINE).isPresent();
    if (rejected && !flow.rejectionLogged) {
      flow.rejectionLogged = true;
      LOG.atWarn()
          .addKeyValue("event", "generated.rejected")
          .addKeyValue("service", service.id())
          .addKeyValue("reason", failure.get().message())
          .log(
              "An engine rejects generated requests, so they give no evidence; check "
                  + "spec.release.traffic");
    }
  }
}
