// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.SlotAssignment;
import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.Service;
import dev.weir.model.value.ReplicaName;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds a replica by name, with the Service that it belongs to.
record ReplicaLookup(Service service, SlotAssignment members, ReplicaName name) {

  /// @param replica its name in user input
  static Optional<ReplicaLookup> find(
      ResourceSnapshot now,
      ObservedFleet observed,
      int warmUpRequests,
      String namespace,
      String replica) {
    return now.services().values().stream()
        .filter(service -> service.metadata().namespace().equals(namespace))
        .filter(service -> replica.startsWith(service.metadata().name() + "-"))
        .flatMap(service -> find(service, members(service, now, observed, warmUpRequests), replica))
        .findFirst();
  }

  private static Stream<ReplicaLookup> find(
      Service service, SlotAssignment members, String replica) {
    return names(members)
        .filter(name -> name.toString().equals(replica))
        .map(name -> new ReplicaLookup(service, members, name));
  }

  /// The names of the replicas that exist or are wanted.
  static Stream<ReplicaName> names(SlotAssignment members) {
    return Stream.concat(
            members.placed().keySet().stream(),
            members.observed().values().stream()
                .filter(TargetReplica::present)
                .map(TargetReplica::name))
        .distinct();
  }

  static SlotAssignment members(
      Service service, ResourceSnapshot now, ObservedFleet observed, int warmUpRequests) {
    return SlotAssignment.of(
        service.metadata().namespace(),
        service.metadata().name(),
        DesiredReplicas.of(service, now.liveRollout(service), now, warmUpRequests).slots(),
        observed.of(service.metadata().namespace(), service.metadata().name()),
        service.status().orders());
  }
}
