// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.observation.Catalogue;
import dev.weir.control.observation.LookClock;
import dev.weir.control.observation.Seen;
import dev.weir.model.Fault;
import dev.weir.model.ReplicaName;
import java.util.List;

/// Shows replicas as their probes would tell of them if those lied as faults say. Nobody behind it
/// can tell the lie from the truth, but for the reason, which names the fault.
public final class FaultLens {
  private final Catalogue.Reader catalogue;
  private final LookClock clock;

  public FaultLens(Catalogue.Reader catalogue, LookClock clock) {
    this.catalogue = catalogue;
    this.clock = clock;
  }

  /// The replicas with the faults of this moment applied.
  public List<Seen> look(List<Seen> replicas) {
    Catalogue now = catalogue.current();
    return replicas.stream().map(replica -> look(replica, now)).toList();
  }

  private Seen look(Seen replica, Catalogue now) {
    ReplicaName name = replica.name();
    return now.service(name.namespace(), name.service()).stream()
        .flatMap(service -> service.status().faults().stream())
        .filter(fault -> replica.ready() && hides(fault, replica, now))
        .findFirst()
        .map(fault -> replica.unready("injected fault " + fault.name() + ": " + fault.effect()))
        .orElse(replica);
  }

  private boolean hides(Fault fault, Seen replica, Catalogue now) {
    ReplicaName name = replica.name();
    return fault.hides()
        && !fault.over(clock.now())
        && fault.strikes(
            name.toString(),
            name.version(),
            Simulation.serves(now, name.namespace(), name.version()));
  }
}
