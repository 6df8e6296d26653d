// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.Bulkhead;
import dev.weir.gateway.admission.Seat;
import dev.weir.gateway.dialect.Api;
import dev.weir.gateway.exchange.Current;
import dev.weir.gateway.exchange.Decision;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.generate.Pace;
import dev.weir.gateway.generate.Probes;
import dev.weir.gateway.route.Unit;
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

/// Asks the versions of a release by itself, where its clients are too few to tell which is better.
///
/// Each gateway makes its part of what is wanted, by the lease that canaries are fed under. Clients
/// go first: nothing is asked while any of them waits, nor beyond half of what the service may have
/// under way. Whether there is room is decided before the version is drawn, so that what is left
/// out is left out of both alike. One event loop's alone, but for [#stop()] and the counts.
final class Generator {
  /// Of one service under way at one time; what is more is not asked.
  static final int MAX_IN_FLIGHT = 32;

  static final long TICK_MILLIS = 10;

  private static final Logger LOG = LoggerFactory.getLogger(Generator.class);
  private static final double MILLI = 1e-3;

  private final RequestPipeline.Parts parts;
  private final EventLoop loop;
  private final Map<String, Flow> flows = new HashMap<>();
  private final LongAdder answered = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private Current seen = Current.NONE;
  private List<ServiceEntry> wanting = List.of();
  private volatile boolean stopped;

  /// What is asked of one service for one rollout.
  private static final class Flow {
    private final Pace pace;
    private int inFlight;
    private boolean toldRejected;

    Flow(Pace pace) {
      this.pace = pace;
    }
  }

  /// @param parts of the loop's own pipeline
  Generator(RequestPipeline.Parts parts, EventLoop loop) {
    this.parts = parts;
    this.loop = loop;
  }

  void start() {
    var _ =
        loop.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /// Asks nothing any more; what is under way ends by itself.
  void stop() {
    stopped = true;
  }

  /// How many were `answered`, `failed` and `dropped`, by that name.
  Map<String, LongSupplier> counts() {
    return Map.of("answered", answered::sum, "failed", failed::sum, "dropped", dropped::sum);
  }

  private void tick() {
    Current now = parts.snapshots().current();
    if (now != seen) {
      look(now);
    }
    if (!wanting.isEmpty() && !stopped && parts.snapshots().leaseRuns()) {
      wanting.forEach(service -> ask(service, service.canary().getFirst()));
    }
  }

  private void look(Current now) {
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
    long now = parts.nanoTime().getAsLong();
    double perSecond =
        canary.generated().millihertz() * MILLI / Math.max(1, parts.snapshots().gateways());
    Flow flow =
        flows.computeIfAbsent(
            canary.rollout(), _ -> new Flow(new Pace(now, perSecond, parts.random())));
    while (flow.pace.due(now, perSecond, parts.random())) {
      askOnce(service, canary, flow);
    }
  }

  private void askOnce(ServiceEntry service, CanaryArm canary, Flow flow) {
    Bulkhead bulkhead = parts.bulkheads().of(service.id());
    boolean room =
        flow.inFlight < MAX_IN_FLIGHT && bulkhead.enterIfSpare(service.isolation().maxInFlight());
    if (!room) {
      dropped.increment();
      return;
    }
    Optional<Seat> seat = parts.rooms().spareSeat(service);
    Optional<Question> question = seat.isPresent() ? question(service, canary) : Optional.empty();
    if (question.isEmpty()) {
      seat.ifPresent(Seat::leave);
      bulkhead.leave();
      dropped.increment();
      return;
    }
    flow.inFlight++;
    send(
        service,
        canary,
        question.get(),
        failure -> {
          flow.inFlight--;
          seat.ifPresent(Seat::leave);
          bulkhead.leave();
          ended(service, flow, failure);
        });
  }

  private void send(
      ServiceEntry service,
      CanaryArm canary,
      Question question,
      Consumer<Optional<Failure>> ended) {
    Decision decision =
        VersionChoice.halves(service, canary, new Unit.Lone(parts.random().nextLong()));
    new GeneratedRequest(parts, loop, question, decision, seen, ended).send();
  }

  private Optional<Question> question(ServiceEntry service, CanaryArm canary) {
    Generated generated = canary.generated();
    return switch (generated.stratum()) {
      case PROBES ->
          Question.of(
              generated.completions() ? Api.COMPLETIONS : Api.CHAT,
              Probes.next(generated, service.name(), parts.random()));
      case RECORDED ->
          parts
              .recordings()
              .take(service, canary.rollout())
              .flatMap(again ->
                  Question.of(again.path(), again.json().getBytes(StandardCharsets.UTF_8)));
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
