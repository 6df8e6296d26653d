// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.control.observation.GatewayBook.Settlement;

/// How far a replica has got on its way out: first nobody routes to it any more, then nothing runs
/// on it any more.
///
/// @param routing who may still send it new requests
/// @param open what still runs on it; says nothing final before `routing` is settled
public record Departure(Settlement routing, OpenAnswers open) {
  /// For people, one line.
  public String reason() {
    return routing.settled()
        ? "draining: " + open
        : "draining: may still be routed to by " + String.join(", ", routing.waitingFor());
  }
}
