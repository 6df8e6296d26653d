// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.control.convergence.GatewayLag;
import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.SlotAssignment;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.EngineViews;
import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.GatewayRegistry;
import dev.weir.control.observation.GatewayState;
import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.ProgressTracker;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.control.observation.Views;
import dev.weir.control.publication.PublicationHistory;
import dev.weir.control.publication.Publisher;
import dev.weir.control.reconcile.KeyedQueue;
import dev.weir.control.reconcile.Lane;
import dev.weir.control.reconcile.WorkKey;
import dev.weir.control.summary.OutOfSync;
import dev.weir.model.Resource;
import dev.weir.model.Service;
import dev.weir.model.status.ReplicaOrder;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.view.EngineView;
import dev.weir.model.view.GatewayView;
import dev.weir.model.view.GatewayView.HashStatus;
import dev.weir.model.view.QueueView;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.ServiceView;
import dev.weir.runtime.ObservedReplica;
import dev.weir.snapshot.EncodedSnapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The views of replicas, gateways, Services and rollout progress.
final class FleetViews implements Views {
  private final ResourceSnapshot.Reader resources;
  private final Fleet fleet;
  private final EngineViews engines;
  private final GatewayRegistry gateways;
  private final ProgressTracker progress;
  private final Publisher publisher;
  private final KeyedQueue<WorkKey> queue;
  private final ControlClock clock;
  private final int warmUpRequests;
  private final Duration silent;
  private volatile @Nullable Members newest;

  /// A Service and its replicas.
  private record Member(Service service, SlotAssignment replicas) {}

  /// The replicas of all Services, and the inputs that they were computed from.
  private record Members(ResourceSnapshot catalogue, ObservedFleet fleet, List<Member> all) {}

  /// @param silent a gateway that is silent for longer is not waited for
  FleetViews(
      ResourceSnapshot.Reader resources,
      Fleet fleet,
      EngineViews engines,
      GatewayRegistry gateways,
      ProgressTracker progress,
      Publisher publisher,
      KeyedQueue<WorkKey> queue,
      ControlClock clock,
      int warmUpRequests,
      Duration silent) {
    this.resources = resources;
    this.fleet = fleet;
    this.engines = engines;
    this.gateways = gateways;
    this.progress = progress;
    this.publisher = publisher;
    this.queue = queue;
    this.clock = clock;
    this.warmUpRequests = warmUpRequests;
    this.silent = silent;
  }

  @Override
  public List<ReplicaView> replicas() {
    ObservedFleet seen = fleet.observe();
    Map<ReplicaName, SlotAssignment> members = new HashMap<>();
    SortedMap<ReplicaName, ReplicaView> views = new TreeMap<>();
    for (Member member : members(seen)) {
      SlotAssignment service = member.replicas();
      service.observed().keySet().forEach(name -> members.put(name, service));
      service.orders().forEach((name, order) -> absent(service, name, order, views));
    }
    List<ReplicaView> all = new ArrayList<>(views.values());
    Function<TargetReplica, Optional<EngineView>> engineView = engines.views();
    for (TargetReplica replica : seen.all()) {
      all.add(
          view(
              replica,
              Optional.ofNullable(members.get(replica.name())),
              engineView.apply(replica)));
    }
    all.sort(
        Comparator.comparing(ReplicaView::namespace)
            .thenComparing(ReplicaView::service)
            .thenComparing(ReplicaView::version)
            .thenComparingInt(view -> view.name().length())
            .thenComparing(ReplicaView::name));
    return all;
  }

  @Override
  public List<ServiceView> serving() {
    ResourceSnapshot now = resources.current();
    return members(fleet.observe()).stream()
        .map(member ->
            ServingSummary.of(
                member.service(),
                now,
                member.replicas(),
                warmUpRequests,
                clock.now(),
                outOfSync(member.service(), now)))
        .sorted(Comparator.comparing(ServiceView::namespace).thenComparing(ServiceView::name))
        .toList();
  }

  @Override
  public List<GatewayView> gateways() {
    long published = publisher.encodedSnapshots().sequence();
    return gateways.states().stream().map(state -> view(state, published)).toList();
  }

  @Override
  public List<QueueView> queues() {
    return Arrays.stream(Lane.values())
        .map(lane -> new QueueView(lane.text(), queue.oldestDue(lane).toMillis(), queue.refused()))
        .toList();
  }

  @Override
  public Optional<String> progress(Resource resource) {
    return progress.of(resource);
  }

  @Override
  public Optional<String> outOfSync(Service service) {
    return outOfSync(service, resources.current());
  }

  private Optional<String> outOfSync(Service service, ResourceSnapshot now) {
    Service current = progress.of(service).map(service::withMessage).orElse(service);
    return OutOfSync.of(current, name -> now.rollout(service.metadata().namespace(), name));
  }

  private GatewayView view(GatewayState state, long published) {
    PublicationHistory publicationHistory = publisher.publicationHistory();
    return new GatewayView(
        state.id(),
        state.boot(),
        state.version(),
        state.format().orElse(0),
        state.sequence(),
        state.hash(),
        state.followsAnotherStore() ? HashStatus.UNKNOWN : hashStatus(state, publicationHistory),
        published,
        GatewayLag.of(state, publicationHistory, clock.now()).toMillis(),
        state.acknowledgedAt(),
        state.lastSeen(),
        state.lease().toMillis(),
        state.connected(),
        state.store(),
        state.followsAnotherStore(),
        state.problems());
  }

  private static HashStatus hashStatus(GatewayState state, PublicationHistory publicationHistory) {
    return switch (publicationHistory.check(state.sequence(), state.format(), state.hash())) {
      case RIGHT -> HashStatus.RIGHT;
      case WRONG -> HashStatus.WRONG;
      case UNKNOWN -> HashStatus.UNKNOWN;
    };
  }

  /// Computed once for the same inputs: alerts read them twice a second, and they rarely change.
  private List<Member> members(ObservedFleet seen) {
    ResourceSnapshot now = resources.current();
    Members known = newest;
    if (known == null || !known.catalogue().equals(now) || !known.fleet().equals(seen)) {
      known =
          new Members(
              now, seen, now.services().values().stream().map(s -> member(s, now, seen)).toList());
      newest = known;
    }
    return known.all();
  }

  private Member member(Service service, ResourceSnapshot now, ObservedFleet seen) {
    DesiredReplicas desired =
        DesiredReplicas.of(service, now.liveRollout(service), now, warmUpRequests);
    return new Member(
        service,
        SlotAssignment.of(
            service.metadata().namespace(),
            service.metadata().name(),
            desired.slots(),
            seen.of(service.metadata().namespace(), service.metadata().name()),
            service.status().orders()));
  }

  /// A drained and stopped replica is not observed but still has its slot.
  private static void absent(
      SlotAssignment members,
      ReplicaName name,
      ReplicaOrder order,
      Map<ReplicaName, ReplicaView> views) {
    TargetReplica targetReplica = members.observed().get(name);
    DesiredReplicas.Slot slot = members.placed().get(name);
    if (targetReplica == null && slot != null) {
      views.put(
          name,
          new ReplicaView(
              name.toString(),
              name.namespace(),
              name.service(),
              name.version(),
              slot.target(),
              ReplicaState.STOPPED,
              Optional.empty(),
              Optional.empty(),
              0,
              order.since(),
              Optional.of(order),
              ordered(order)));
    }
  }

  private ReplicaView view(
      TargetReplica targetReplica, Optional<SlotAssignment> members, Optional<EngineView> engine) {
    ObservedReplica replica = targetReplica.replica();
    Optional<ReplicaOrder> order =
        members.flatMap(service -> Optional.ofNullable(service.orders().get(targetReplica.name())));
    boolean emptied = members.map(service -> service.mustDrain(targetReplica.name())).orElse(false);
    boolean draining = emptied && targetReplica.ready();
    String why =
        draining
            ? departure(targetReplica)
            : targetReplica.ready() && order.isPresent() ? "" : replica.reason();
    return new ReplicaView(
        targetReplica.name().toString(),
        targetReplica.name().namespace(),
        targetReplica.name().service(),
        targetReplica.version(),
        targetReplica.target(),
        draining ? ReplicaState.DRAINING : replica.state(),
        replica.endpoint(),
        replica.pid(),
        replica.restarts(),
        replica.since(),
        order,
        engine,
        order.map(o -> ordered(o) + (why.isEmpty() ? "" : "; " + why)).orElse(why));
  }

  /// `drained by ann (looks odd)`.
  static String ordered(ReplicaOrder order) {
    String what =
        switch (order.kind()) {
          case CORDON -> "cordoned";
          case DRAIN -> "drained";
          case RESTART, RESTART_NOW -> "restart ordered";
        };
    return what
        + " by "
        + order.by()
        + (order.reason().isEmpty() ? "" : " (" + order.reason() + ")");
  }

  private String departure(TargetReplica targetReplica) {
    String service = targetReplica.name().namespace() + "/" + targetReplica.name().service();
    EncodedSnapshots current = publisher.encodedSnapshots();
    return publisher
        .settledSince(service, resources.current().revision())
        .map(since ->
            gateways
                .replicaRemoval(service, targetReplica.name().toString(), since, current, silent)
                .reason())
        .orElse("draining: waiting for the snapshot without it");
  }
}
