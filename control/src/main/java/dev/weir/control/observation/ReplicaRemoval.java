// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.control.observation.GatewayRegistry.Convergence;

/// The progress of a replica's removal: first no gateway routes to it, then no request runs on it.
///
/// @param routing who may still send it new requests
/// @param open what still runs on it; says nothing final before `routing` is settled
public record ReplicaRemoval(Convergence routing, InFlightRequests open) {
  /// For people, one line.
  public String reason() {
    return routing.settled()
        ? "draining: " + open
        : "draining: may still be routed to by " + String.join(", ", routing.waitingFor());
  }
}
