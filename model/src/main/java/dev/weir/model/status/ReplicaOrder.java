// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.status;

import dev.weir.model.value.Default;
import dev.weir.model.value.Text;
import java.time.Instant;

/// An operator's order for one replica. It applies until it is withdrawn (`uncordon`), until it is
/// fulfilled (a restart), or until the replica no longer exists.
///
/// @param replica name of the replica, `<service>-<version>-<n>`
/// @param since when the order was given
/// @param by the principal that gave the order
/// @param reason the operator's reason; empty when none was given
/// @param launch identifies the process that ran when the order was given, as the provider names
///   it; empty when none ran. Any other process that is Ready fulfills a restart
public record ReplicaOrder(
    String replica,
    OrderKind kind,
    Instant since,
    @Default("") String by,
    @Default("") String reason,
    @Default("") String launch) {
  public ReplicaOrder {
    if (replica.isEmpty()) {
      throw new IllegalArgumentException("an order is about a replica");
    }
  }

  /// The kinds of order.
  public enum OrderKind implements Text {
    /// No new requests; requests in flight continue, and the process keeps running.
    CORDON("Cordon"),
    /// No new requests; once no request is in flight, the process stops and stays stopped.
    DRAIN("Drain"),
    /// Drained, then restarted and routed to again.
    RESTART("Restart"),
    /// Restarted without waiting for requests in flight.
    RESTART_NOW("RestartNow");

    private final String text;

    OrderKind(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }

    /// Whether the order starts a new process.
    public boolean restarts() {
      return this == RESTART || this == RESTART_NOW;
    }
  }
}
