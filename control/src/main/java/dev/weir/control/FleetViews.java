// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.control.api.Views;
import dev.weir.control.convergence.Lag;
import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.Membership;
import dev.weir.control.observation.Catalogue;
import dev.weir.control.observation.Fleet;
import dev.weir.control.observation.GatewayBook;
import dev.weir.control.observation.GatewayState;
import dev.weir.control.observation.LookClock;
import dev.weir.control.observation.ProgressBook;
import dev.weir.control.observation.Seen;
import dev.weir.control.publication.Issues;
import dev.weir.control.publication.Publisher;
import dev.weir.model.GatewayView;
import dev.weir.model.GatewayView.HashIs;
import dev.weir.model.ReplicaName;
import dev.weir.model.ReplicaState;
import dev.weir.model.ReplicaView;
import dev.weir.model.Resource;
import dev.weir.model.Service;
import dev.weir.runtime.ObservedReplica;
import dev.weir.snapshot.Editions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Replicas, gateways and the progress of releases as people see them.
final class FleetViews implements Views {
  private final Catalogue.Reader catalogue;
  private final Fleet fleet;
  private final GatewayBook gateways;
  private final ProgressBook progress;
  private final Publisher publisher;
  private final LookClock clock;
  private final int warmUpRequests;
  private final Duration silent;

  /// @param silent gateways that were silent for so long are not waited for
  FleetViews(
      Catalogue.Reader catalogue,
      Fleet fleet,
      GatewayBook gateways,
      ProgressBook progress,
      Publisher publisher,
      LookClock clock,
      int warmUpRequests,
      Duration silent) {
    this.catalogue = catalogue;
    this.fleet = fleet;
    this.gateways = gateways;
    this.progress = progress;
    this.publisher = publisher;
    this.clock = clock;
    this.warmUpRequests = warmUpRequests;
    this.silent = silent;
  }

  @Override
  public List<ReplicaView> replicas() {
    List<Seen> seen = fleet.observe();
    Set<ReplicaName> leaving = leaving(seen);
    return seen.stream().map(replica -> view(replica, leaving.contains(replica.name()))).toList();
  }

  @Override
  public List<GatewayView> gateways() {
    long published = publisher.editions().sequence();
    return gateways.states().stream().map(state -> view(state, published)).toList();
  }

  @Override
  public Optional<String> progress(Resource resource) {
    return progress.of(resource);
  }

  private GatewayView view(GatewayState state, long published) {
    Issues issues = publisher.issues();
    return new GatewayView(
        state.id(),
        state.boot(),
        state.version(),
        state.format().orElse(0),
        state.sequence(),
        state.hash(),
        switch (issues.check(state.sequence(), state.format(), state.hash())) {
          case RIGHT -> HashIs.RIGHT;
          case WRONG -> HashIs.WRONG;
          case UNKNOWN -> HashIs.UNKNOWN;
        },
        published,
        Lag.of(state, issues, clock.now()).toMillis(),
        state.acknowledgedAt(),
        state.lastSeen(),
        state.lease().toMillis(),
        state.connected());
  }

  private Set<ReplicaName> leaving(List<Seen> seen) {
    Catalogue now = catalogue.current();
    Set<ReplicaName> leaving = new HashSet<>();
    for (Service service : now.services().values()) {
      DesiredReplicas desired =
          DesiredReplicas.of(service, now.liveRollout(service), now, warmUpRequests);
      leaving.addAll(
          Membership.of(
                  service.metadata().namespace(), service.metadata().name(), desired.slots(), seen)
              .leaving());
    }
    return leaving;
  }

  private ReplicaView view(Seen seen, boolean leaving) {
    ObservedReplica replica = seen.replica();
    boolean draining = leaving && seen.ready();
    return new ReplicaView(
        seen.name().toString(),
        seen.name().namespace(),
        seen.name().service(),
        seen.version(),
        seen.target(),
        draining ? ReplicaState.DRAINING : replica.state(),
        replica.endpoint(),
        replica.pid(),
        replica.restarts(),
        replica.since(),
        draining ? departure(seen) : replica.reason());
  }

  private String departure(Seen seen) {
    String service = seen.name().namespace() + "/" + seen.name().service();
    Editions current = publisher.editions();
    return publisher
        .settledSince(service, catalogue.current().revision())
        .map(since ->
            gateways.departure(service, seen.name().toString(), since, current, silent).reason())
        .orElse("draining: waiting for the snapshot without it");
  }
}
