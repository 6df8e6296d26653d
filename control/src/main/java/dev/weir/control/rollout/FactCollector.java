// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.analysis.Verdict;
import dev.weir.control.capacity.TargetHeadroom;
import dev.weir.control.convergence.GatewayText;
import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.SlotAssignment;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.GatewayRegistry;
import dev.weir.control.observation.GatewayRegistry.Convergence;
import dev.weir.control.observation.GatewayState;
import dev.weir.control.observation.InFlightRequests;
import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.ReplicaRemoval;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.control.publication.Publisher;
import dev.weir.control.rollout.AnalysisRunner.AnalysisResult;
import dev.weir.control.rollout.machine.RolloutFacts;
import dev.weir.control.rollout.machine.RolloutFacts.Group;
import dev.weir.control.rollout.machine.RolloutFacts.Limits;
import dev.weir.control.rollout.machine.RolloutFacts.Routing;
import dev.weir.control.rollout.machine.RolloutFacts.Trouble;
import dev.weir.model.ModelVersion;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.status.ReplicaOrder;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.value.VersionRef;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Collects the facts about one Service that its decisions need.
final class FactCollector {
  private final GatewayRegistry gateways;
  private final Publisher publisher;
  private final ControlClock clock;
  private final RolloutTiming timing;
  private final int warmUpRequests;
  private final Instant adoptedAt;

  /// One Service with everything that was observed of it at one time.
  record ServiceObservation(
      Service service,
      Optional<Rollout> live,
      ResourceSnapshot catalogue,
      List<String> problems,
      Map<String, Integer> most,
      SlotAssignment members) {
    String id() {
      return DesiredReplicas.id(service);
    }
  }

  FactCollector(
      GatewayRegistry gateways,
      Publisher publisher,
      ControlClock clock,
      RolloutTiming timing,
      int warmUpRequests) {
    this.gateways = gateways;
    this.publisher = publisher;
    this.clock = clock;
    this.timing = timing;
    this.warmUpRequests = warmUpRequests;
    this.adoptedAt = clock.now().plus(timing.adoption());
  }

  boolean adopting() {
    return clock.now().isBefore(adoptedAt);
  }

  ServiceObservation serviceObservation(
      Service service, ResourceSnapshot resourceSnapshot, ObservedFleet observed) {
    Optional<Rollout> live = resourceSnapshot.liveRollout(service);
    DesiredReplicas desired = DesiredReplicas.of(service, live, resourceSnapshot, warmUpRequests);
    SlotAssignment members =
        SlotAssignment.of(
            service.metadata().namespace(),
            service.metadata().name(),
            desired.slots(),
            observed.of(service.metadata().namespace(), service.metadata().name()),
            service.status().orders());
    Map<String, Integer> most = new HashMap<>(desired.limits());
    TargetHeadroom.of(service, live, resourceSnapshot, observed.all())
        .forEach((target, count) -> most.merge(target, count, Math::min));
    return new ServiceObservation(
        service, live, resourceSnapshot, desired.problems(), most, members);
  }

  RolloutFacts facts(
      ServiceObservation serviceObservation,
      Rollout rollout,
      Optional<AnalysisResult> analysisResult) {
    VersionRef to = rollout.spec().to();
    VersionRef from = rollout.spec().from();
    String namespace = rollout.metadata().namespace();
    return new RolloutFacts(
        clock.now(),
        adopting(),
        guarded(group(serviceObservation, to, true), analysisResult),
        group(serviceObservation, from, false),
        routing(serviceObservation, rollout),
        serviceObservation
            .catalogue()
            .version(namespace, to)
            .map((ModelVersion v) -> v.spec().startupTimeout()),
        analysisResult
            .filter(s -> s.current() || s.look().verdict() instanceof Verdict.Revert)
            .map(s -> s.look().verdict()),
        analysisResult.map(EvidenceMapper::progress).orElse(""),
        new Limits(
            timing.startupMargin(),
            timing.acknowledgement(),
            timing.stopping(),
            timing.draining()));
  }

  /// Whether gateways serve the stored state of the rollout.
  Routing routing(ServiceObservation serviceObservation, Rollout rollout) {
    long revision =
        Math.max(rollout.metadata().revision(), serviceObservation.service().metadata().revision());
    Routing routing =
        routing(serviceObservation.id(), revision, acknowledgementTimeout(rollout.status()));
    return rollout.status().phase() == RolloutPhase.ROLLING_BACK && !routing.settled()
        ? explained(routing, rollout.spec().from())
        : routing;
  }

  /// The requests in flight on the replica; empty while a gateway may route to it.
  Optional<InFlightRequests> unrouted(
      String serviceId, TargetReplica replica, Optional<Rollout> live, long revision) {
    String name = replica.name().toString();
    Optional<Long> since = publisher.settledSince(serviceId, revision);
    if (since.isEmpty() || published(serviceId).contains(name)) {
      return Optional.empty();
    }
    boolean canary =
        live.map(rollout ->
                rollout.status().phase() == RolloutPhase.ROLLING_BACK
                    && rollout.spec().to().equals(replica.version()))
            .orElse(false);
    Duration silent = canary ? timing.silentCanary() : timing.silentStable();
    ReplicaRemoval replicaRemoval =
        gateways.replicaRemoval(serviceId, name, since.get(), publisher.encodedSnapshots(), silent);
    return Optional.of(replicaRemoval).filter(d -> d.routing().settled()).map(ReplicaRemoval::open);
  }

  private Routing routing(String serviceId, long revision, Duration silent) {
    Optional<Long> since = publisher.settledSince(serviceId, revision);
    if (since.isEmpty()) {
      return new Routing(false, List.of(), List.of());
    }
    Convergence convergence =
        gateways.convergence(since.get(), publisher.encodedSnapshots(), silent);
    return new Routing(true, convergence.waitingFor(), convergence.givenUp());
  }

  // During a rollback, the message describes the effect at each gateway that has not acknowledged
  // it.
  private Routing explained(Routing routing, VersionRef stable) {
    Map<String, GatewayState> states =
        gateways.states().stream().collect(Collectors.toMap(GatewayState::id, s -> s));
    List<String> waitingFor =
        routing.waitingFor().stream()
            .map(id ->
                Optional.ofNullable(states.get(id))
                    .map(s -> id + " (" + GatewayText.unreverted(s, stable.toString()) + ")")
                    .orElse(id))
            .toList();
    return new Routing(routing.published(), waitingFor, routing.givenUp());
  }

  // A step starts when every connected gateway has its weight. A rollback is done when no gateway
  // can still route to the canary. A promotion is done when no gateway can still need the old
  // version.
  private Duration acknowledgementTimeout(RolloutStatus status) {
    boolean bakes = status.phase() == RolloutPhase.PROMOTING && status.weight() > 0;
    if (bakes) {
      return gateways.connectedWithin();
    }
    return switch (status.phase()) {
      case PENDING, PROVISIONING, PROGRESSING, PAUSED -> gateways.connectedWithin();
      case ROLLING_BACK, ROLLED_BACK, ABORTED, SUPERSEDED -> timing.silentCanary();
      case PROMOTING, COMPLETED -> timing.silentStable();
    };
  }

  private Group group(ServiceObservation serviceObservation, VersionRef version, boolean guarded) {
    SlotAssignment members = serviceObservation.members();
    int answering = members.answering(version);
    if (answering == 0 && adopting()) {
      answering = routedUnjudged(serviceObservation, version);
    }
    return new Group(
        members.wanted(version),
        members.ready(version),
        answering,
        members.present(version).size(),
        guarded ? trouble(members, version) : Optional.empty(),
        detail(serviceObservation, version));
  }

  /// A failed external metric is a guard like any other.
  private static Group guarded(Group group, Optional<AnalysisResult> analysisResult) {
    Optional<Trouble> external =
        analysisResult
            .flatMap(seen -> ExternalVerdict.harm(seen.external()))
            .map(why -> new Trouble("external metric", why));
    return new Group(
        group.wanted(),
        group.ready(),
        group.answering(),
        group.present(),
        group.trouble().or(() -> external),
        group.detail());
  }

  private Optional<Trouble> trouble(SlotAssignment members, VersionRef version) {
    Instant now = clock.now();
    for (TargetReplica replica : members.present(version)) {
      String what = replica.name() + ": " + replica.replica().reason();
      boolean wanted = members.placed().containsKey(replica.name());
      if (wanted && replica.state() == ReplicaState.FAILED) {
        String guard = replica.replica().restarts() > 0 ? "crash loop" : "not started";
        return Optional.of(new Trouble(guard, what));
      }
      Duration down = Duration.between(replica.replica().since(), now);
      if (wanted
          && replica.state() == ReplicaState.UNREADY
          && down.compareTo(timing.unreadyLimit()) > 0) {
        return Optional.of(
            new Trouble("failed readiness", what + " for " + down.toSeconds() + " s"));
      }
    }
    return Optional.empty();
  }

  private static String detail(ServiceObservation serviceObservation, VersionRef version) {
    return Stream.concat(
            serviceObservation.problems().stream(),
            serviceObservation.members().present(version).stream()
                .filter(replica ->
                    !replica.ready()
                        || serviceObservation.members().orders().containsKey(replica.name()))
                .map(replica ->
                    "%s %s%s"
                        .formatted(
                            replica.name(),
                            replica.state().text(),
                            why(serviceObservation, replica))))
        .limit(5)
        .collect(Collectors.joining("; "));
  }

  private static String why(ServiceObservation serviceObservation, TargetReplica replica) {
    Optional<ReplicaOrder> order =
        Optional.ofNullable(serviceObservation.members().orders().get(replica.name()));
    String reason =
        order.map(o -> o.kind().text() + " by " + o.by()).orElse(replica.replica().reason());
    return reason.isEmpty() ? "" : ": " + reason;
  }

  // Replicas in the published snapshot whose state is not known yet: they answered before.
  private int routedUnjudged(ServiceObservation serviceObservation, VersionRef version) {
    Set<String> judged =
        serviceObservation.members().present(version).stream()
            .filter(replica -> !replica.unjudged())
            .map(replica -> replica.name().toString())
            .collect(Collectors.toSet());
    return (int)
        arms(serviceObservation.id())
            .filter(arm -> arm.version().equals(version.toString()))
            .flatMap(arm -> arm.replicas().stream())
            .filter(replica -> !judged.contains(replica.name()))
            .count();
  }

  private Set<String> published(String serviceId) {
    return arms(serviceId)
        .flatMap(arm -> arm.replicas().stream())
        .map(ReplicaEntry::name)
        .collect(Collectors.toSet());
  }

  private Stream<Arm> arms(String serviceId) {
    return publisher.entry(serviceId).stream()
        .flatMap((ServiceEntry service) ->
            Stream.concat(
                Stream.of(service.stable()), service.canary().stream().map(CanaryArm::arm)));
  }
}
