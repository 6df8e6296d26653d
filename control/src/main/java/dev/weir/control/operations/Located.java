// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.Membership;
import dev.weir.control.observation.Catalogue;
import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.Seen;
import dev.weir.model.ReplicaName;
import dev.weir.model.Service;
import java.util.Optional;
import java.util.stream.Stream;

/// A replica that somebody named, with the Service that it belongs to.
record Located(Service service, Membership members, ReplicaName name) {

  /// @param replica its name as people write it
  static Optional<Located> find(
      Catalogue now, ObservedFleet seen, int warmUpRequests, String namespace, String replica) {
    return now.services().values().stream()
        .filter(service -> service.metadata().namespace().equals(namespace))
        .filter(service -> replica.startsWith(service.metadata().name() + "-"))
        .flatMap(service -> find(service, members(service, now, seen, warmUpRequests), replica))
        .findFirst();
  }

  private static Stream<Located> find(Service service, Membership members, String replica) {
    return names(members)
        .filter(name -> name.toString().equals(replica))
        .map(name -> new Located(service, members, name));
  }

  /// Replicas that there are or should be.
  static Stream<ReplicaName> names(Membership members) {
    return Stream.concat(
            members.placed().keySet().stream(),
            members.seen().values().stream().filter(Seen::present).map(Seen::name))
        .distinct();
  }

  static Membership members(
      Service service, Catalogue now, ObservedFleet seen, int warmUpRequests) {
    return Membership.of(
        service.metadata().namespace(),
        service.metadata().name(),
        DesiredReplicas.of(service, now.liveRollout(service), now, warmUpRequests).slots(),
        seen.of(service.metadata().namespace(), service.metadata().name()),
        service.status().orders());
  }
}
