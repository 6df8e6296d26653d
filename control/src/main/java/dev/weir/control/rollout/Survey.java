// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.analysis.Verdict;
import dev.weir.control.capacity.Elbowroom;
import dev.weir.control.convergence.Words;
import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.Membership;
import dev.weir.control.observation.Catalogue;
import dev.weir.control.observation.Departure;
import dev.weir.control.observation.GatewayBook;
import dev.weir.control.observation.GatewayBook.Settlement;
import dev.weir.control.observation.GatewayState;
import dev.weir.control.observation.LookClock;
import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.OpenAnswers;
import dev.weir.control.observation.Seen;
import dev.weir.control.publication.Publisher;
import dev.weir.control.rollout.AnalysisDesk.Sight;
import dev.weir.control.rollout.Facts.Group;
import dev.weir.control.rollout.Facts.Limits;
import dev.weir.control.rollout.Facts.Routing;
import dev.weir.control.rollout.Facts.Trouble;
import dev.weir.model.ModelVersion;
import dev.weir.model.ReplicaOrder;
import dev.weir.model.ReplicaState;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.RolloutStatus;
import dev.weir.model.Service;
import dev.weir.model.VersionRef;
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

/// Puts together what is so around one Service: the facts that decisions are made from.
final class Survey {
  private final GatewayBook gateways;
  private final Publisher publisher;
  private final LookClock clock;
  private final Timing timing;
  private final int warmUpRequests;
  private final Instant adoptedAt;

  /// One Service with everything that was seen of it in one moment.
  record Scene(
      Service service,
      Optional<Rollout> live,
      Catalogue catalogue,
      List<String> problems,
      Map<String, Integer> most,
      Membership members) {
    String id() {
      return DesiredReplicas.id(service);
    }
  }

  Survey(
      GatewayBook gateways,
      Publisher publisher,
      LookClock clock,
      Timing timing,
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

  Scene scene(Service service, Catalogue catalogue, ObservedFleet observed) {
    Optional<Rollout> live = catalogue.liveRollout(service);
    DesiredReplicas desired = DesiredReplicas.of(service, live, catalogue, warmUpRequests);
    Membership members =
        Membership.of(
            service.metadata().namespace(),
            service.metadata().name(),
            desired.slots(),
            observed.of(service.metadata().namespace(), service.metadata().name()),
            service.status().orders());
    Map<String, Integer> most = new HashMap<>(desired.most());
    Elbowroom.of(service, live, catalogue, observed.all())
        .forEach((target, count) -> most.merge(target, count, Math::min));
    return new Scene(service, live, catalogue, desired.problems(), most, members);
  }

  Facts facts(Scene scene, Rollout rollout, Optional<Sight> sight) {
    VersionRef to = rollout.spec().to();
    VersionRef from = rollout.spec().from();
    String namespace = rollout.metadata().namespace();
    return new Facts(
        clock.now(),
        adopting(),
        guarded(group(scene, to, true), sight),
        group(scene, from, false),
        routing(scene, rollout),
        scene.catalogue().version(namespace, to).map((ModelVersion v) -> v.spec().startupTimeout()),
        sight
            .filter(s -> s.current() || s.look().verdict() instanceof Verdict.Revert)
            .map(s -> s.look().verdict()),
        sight.map(EvidenceForm::progress).orElse(""),
        new Limits(
            timing.startupMargin(),
            timing.acknowledgement(),
            timing.stopping(),
            timing.draining()));
  }

  /// Whether gateways serve what is stored of the rollout.
  Routing routing(Scene scene, Rollout rollout) {
    long revision = Math.max(rollout.metadata().revision(), scene.service().metadata().revision());
    Routing routing = routing(scene.id(), revision, patience(rollout.status()));
    return rollout.status().phase() == RolloutPhase.ROLLING_BACK && !routing.settled()
        ? explained(routing, rollout.spec().from())
        : routing;
  }

  /// What still runs on the replica; empty while a gateway may route to it.
  Optional<OpenAnswers> unrouted(
      String serviceId, Seen replica, Optional<Rollout> live, long revision) {
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
    Departure departure =
        gateways.departure(serviceId, name, since.get(), publisher.editions(), silent);
    return Optional.of(departure).filter(d -> d.routing().settled()).map(Departure::open);
  }

  private Routing routing(String serviceId, long revision, Duration silent) {
    Optional<Long> since = publisher.settledSince(serviceId, revision);
    if (since.isEmpty()) {
      return new Routing(false, List.of(), List.of());
    }
    Settlement settlement = gateways.settlement(since.get(), publisher.editions(), silent);
    return new Routing(true, settlement.waitingFor(), settlement.givenUp());
  }

  // While a revert is not everywhere, people want to know what that means, not only where.
  private Routing explained(Routing routing, VersionRef stable) {
    Map<String, GatewayState> states =
        gateways.states().stream().collect(Collectors.toMap(GatewayState::id, s -> s));
    List<String> waitingFor =
        routing.waitingFor().stream()
            .map(id ->
                Optional.ofNullable(states.get(id))
                    .map(s -> id + " (" + Words.unreverted(s, stable.toString()) + ")")
                    .orElse(id))
            .toList();
    return new Routing(routing.published(), waitingFor, routing.givenUp());
  }

  // A step begins when everybody who is there has its weight; a revert is done when everybody who
  // could still feed the canary has let go; a promotion when nobody can still need the old version.
  private Duration patience(RolloutStatus status) {
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

  private Group group(Scene scene, VersionRef version, boolean guarded) {
    Membership members = scene.members();
    int answering = members.answering(version);
    if (answering == 0 && adopting()) {
      answering = routedUnjudged(scene, version);
    }
    return new Group(
        members.wanted(version),
        members.ready(version),
        answering,
        members.present(version).size(),
        guarded ? trouble(members, version) : Optional.empty(),
        detail(scene, version));
  }

  /// An external metric that has failed is a guard like any other.
  private static Group guarded(Group group, Optional<Sight> sight) {
    Optional<Trouble> external =
        sight
            .flatMap(seen -> ExternalJudgement.harm(seen.external()))
            .map(why -> new Trouble("external metric", why));
    return new Group(
        group.wanted(),
        group.ready(),
        group.answering(),
        group.present(),
        group.trouble().or(() -> external),
        group.detail());
  }

  private Optional<Trouble> trouble(Membership members, VersionRef version) {
    Instant now = clock.now();
    for (Seen replica : members.present(version)) {
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

  private static String detail(Scene scene, VersionRef version) {
    return Stream.concat(
            scene.problems().stream(),
            scene.members().present(version).stream()
                .filter(replica ->
                    !replica.ready() || scene.members().orders().containsKey(replica.name()))
                .map(replica ->
                    "%s %s%s"
                        .formatted(replica.name(), replica.state().text(), why(scene, replica))))
        .limit(5)
        .collect(Collectors.joining("; "));
  }

  private static String why(Scene scene, Seen replica) {
    Optional<ReplicaOrder> order =
        Optional.ofNullable(scene.members().orders().get(replica.name()));
    String reason =
        order.map(o -> o.kind().text() + " by " + o.by()).orElse(replica.replica().reason());
    return reason.isEmpty() ? "" : ": " + reason;
  }

  // Replicas that gateways are sent to and of which nothing is known yet: they answered before.
  private int routedUnjudged(Scene scene, VersionRef version) {
    Set<String> judged =
        scene.members().present(version).stream()
            .filter(replica -> !replica.unjudged())
            .map(replica -> replica.name().toString())
            .collect(Collectors.toSet());
    return (int)
        arms(scene.id())
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
