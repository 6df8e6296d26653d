// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.SlotAssignment;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.Service;
import dev.weir.model.status.Fault;
import dev.weir.model.status.ReplicaOrder;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.ServiceView;
import dev.weir.model.view.ServiceView.ServingState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The serving state of a Service, from its replicas. Pure.
final class ServingSummary {
  private static final int MAX_PROBLEMS = 3;

  private ServingSummary() {}

  static ServiceView of(
      Service service,
      ResourceSnapshot now,
      SlotAssignment members,
      int warmUpRequests,
      Instant at,
      Optional<String> outOfSync) {
    Optional<VersionRef> serves = service.status().stable().map(StableVersion::version);
    VersionRef version = DesiredReplicas.stable(service);
    int ready = ready(members, version);
    int wanted = members.wanted(version);
    ServingState state = state(serves.isPresent(), ready, wanted);
    List<String> problems =
        DesiredReplicas.of(service, now.liveRollout(service), now, warmUpRequests).problems();
    List<Fault> faults =
        service.status().faults().stream().filter(fault -> !fault.hasEnded(at)).toList();
    String missing =
        state == ServingState.SERVING ? "" : reason(members, version, wanted, problems);
    return new ServiceView(
        service.metadata().name(),
        service.metadata().namespace(),
        serves,
        state,
        ready,
        wanted,
        joined(
            Stream.of(
                    Stream.of(missing),
                    lent(service, now),
                    faults.stream().map(ServingSummary::describe))
                .flatMap(parts -> parts)),
        faults,
        outOfSync.orElse(""));
  }

  private static Stream<String> lent(Service service, ResourceSnapshot now) {
    return now.loans().stream()
        .filter(loan -> loan.service().equals(DesiredReplicas.id(service)))
        .map(loan ->
            "lends the capacity of %d replicas on %s to another Service's release"
                .formatted(loan.replicas(), loan.target()));
  }

  private static String describe(Fault fault) {
    return "injected fault %s (%s) until %s".formatted(fault.name(), fault.effect(), fault.until());
  }

  private static String joined(Stream<String> parts) {
    return parts.filter(part -> !part.isEmpty()).collect(Collectors.joining("; "));
  }

  private static ServingState state(boolean served, int ready, int wanted) {
    if (ready == 0) {
      return served ? ServingState.DOWN : ServingState.STARTING;
    }
    return ready < wanted ? ServingState.DEGRADED : ServingState.SERVING;
  }

  private static int ready(SlotAssignment members, VersionRef version) {
    return (int)
        members.observed().values().stream()
            .filter(replica -> replica.version().equals(version))
            .filter(replica -> replica.ready() && members.routable(replica.name()))
            .count();
  }

  private static String reason(
      SlotAssignment members, VersionRef version, int wanted, List<String> problems) {
    if (wanted == 0 && problems.isEmpty()) {
      return "no replica of " + version + " is wanted: see placements in its spec";
    }
    return Stream.concat(
            problems.stream(),
            members.placed().keySet().stream()
                .filter(name -> name.version().equals(version))
                .flatMap(name -> trouble(members, name).stream()))
        .limit(MAX_PROBLEMS)
        .collect(Collectors.joining("; "));
  }

  private static Optional<String> trouble(SlotAssignment members, ReplicaName name) {
    Optional<TargetReplica> targetReplica = Optional.ofNullable(members.observed().get(name));
    Optional<ReplicaOrder> order = Optional.ofNullable(members.orders().get(name));
    if (order.isPresent()) {
      return Optional.of(name + " " + FleetViews.ordered(order.get()));
    }
    if (targetReplica.isEmpty()) {
      return Optional.of(name + " not started yet");
    }
    String why = targetReplica.get().replica().reason();
    return targetReplica.get().ready()
        ? Optional.empty()
        : Optional.of(
            name + " " + targetReplica.get().state().text() + (why.isEmpty() ? "" : ": " + why));
  }
}
