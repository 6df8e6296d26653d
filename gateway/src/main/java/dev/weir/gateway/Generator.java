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
/// Each gateway makes its part of what is wanted, by the lease that canaries are fed under. Clients
/// go first: no request is generated while a client waits, or above half of the service's
/// concurrency limit. Whether there is room is decided before the version is drawn, so that what is
/// left out is left out of both alike. One event loop's alone, but for [#stop()] and the counts.
final class Generator {
  /// Requests in flight of one service at one time; no more are sent.
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
  private IndexedSnapshot seen = IndexedSnapshot.NONE;
  private List<ServiceEntry> wanting = List.of();
  private volatile boolean stopped;

  /// What is asked of one service for one rollout.
  private static final class Flow {
    private final PoissonSchedule schedule;
    private int inFlight;
    private boolean toldRejected;

    Flow(PoissonSchedule schedule) {
      this.schedule = schedule;
    }
  }

  /// @param components of the loop's own pipeline
  Generator(RequestPipeline.Components components, EventLoop loop) {
    this.components = components;
    this.loop = loop;
  }

  void start() {
    var _ =
        loop.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /// Sends no more requests; those in flight end by themselves.
  void stop() {
    stopped = true;
  }

  /// How many were `answered`, `failed` and `dropped`, by that name.
  Map<String, LongSupplier> counts() {
    return Map.of("answered", answered::sum, "failed", failed::sum, "dropped", dropped::sum);
  }

  private void tick() {
    IndexedSnapshot now = components.snapshots().current();
    if (now != seen) {
      look(now);
    }
    if (!wanting.isEmpty() && !stopped && components.snapshots().leaseRuns()) {
      wanting.forEach(service -> ask(service, service.canary().getFirst()));
    }
  }

  private void look(IndexedSnapshot now) {
    seen = now;
    wanting =
        now.snapshot().services().stream()
            .filter(service ->
                service.canary().stream().anyMatch(c -> c.observed() && c.generated().any()))
            .toList();
    Set<String> rollouts =
        wanting.stream().map(s -> s.canary().getFirst().rollout()).collect(Collectors.toSet());
    flows.keySet().retainAll(rollouts);
  }

  private void ask(ServiceEntry service, CanaryArm canary) {
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
    boolean room =
        flow.inFlight < MAX_IN_FLIGHT && bulkhead.enterIfSpare(service.isolation().maxInFlight());
    if (!room) {
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
        VersionChoice.halves(
            service, canary, new RandomizationUnit.Lone(components.random().nextLong()));
    new GeneratedRequest(components, loop, syntheticRequest, decision, seen, ended).send();
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
    if (rejected && !flow.toldRejected) {
      flow.toldRejected = true;
      LOG.warn(
          "event=generated.rejected service={} why=\"{}\" effect=\"such requests prove nothing;"
              + " see spec.release.traffic\"",
          service.id(),
          failure.get().message());
    }
  }
}
