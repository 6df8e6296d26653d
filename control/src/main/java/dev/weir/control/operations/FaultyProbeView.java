// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.TargetReplica;
import dev.weir.model.status.Fault;
import dev.weir.model.value.ReplicaName;
import java.util.List;

/// Applies injected probe faults to the state of replicas. Consumers treat the injected state like
/// a real one; only the reason names the fault.
public final class FaultyProbeView {
  private final ResourceSnapshot.Reader resources;
  private final ControlClock clock;

  public FaultyProbeView(ResourceSnapshot.Reader resources, ControlClock clock) {
    this.resources = resources;
    this.clock = clock;
  }

  /// The replicas with the faults of this moment applied.
  public List<TargetReplica> apply(List<TargetReplica> replicas) {
    ResourceSnapshot now = resources.current();
    boolean any =
        now.services().values().stream().anyMatch(service -> !service.status().faults().isEmpty());
    return any ? replicas.stream().map(replica -> apply(replica, now)).toList() : replicas;
  }

  private TargetReplica apply(TargetReplica replica, ResourceSnapshot now) {
    ReplicaName name = replica.name();
    return now.service(name.namespace(), name.service()).stream()
        .flatMap(service -> service.status().faults().stream())
        .filter(fault -> replica.ready() && hides(fault, replica, now))
        .findFirst()
        .map(fault -> replica.unready("injected fault " + fault.name() + ": " + fault.effect()))
        .orElse(replica);
  }

  private boolean hides(Fault fault, TargetReplica replica, ResourceSnapshot now) {
    ReplicaName name = replica.name();
    return fault.hidesReadiness()
        && !fault.hasEnded(clock.now())
        && fault.appliesTo(
            name.toString(),
            name.version(),
            SimulationCheck.serves(now, name.namespace(), name.version()));
  }
}
