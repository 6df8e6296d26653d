// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.control.observation.GatewayRegistry.Convergence;

/// The progress of a replica's removal: first no gateway routes to it, then no request runs on it.
///
/// @param routing the gateways that may still send it new requests
/// @param open its requests in flight; may still grow before `routing` is settled
public record ReplicaRemoval(Convergence routing, InFlightRequests open) {
  /// One line for users.
  public String reason() {
    return routing.settled()
        ? "draining: " + open
        : "draining: requests may still come from " + String.join(", ", routing.waitingFor());
  }
}
