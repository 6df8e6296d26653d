// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Instant;

/// What an operator ordered of one replica. It holds until it is taken back (`uncordon`), until it
/// is fulfilled (a restart), or until the replica is gone for good.
///
/// @param replica its name, `<service>-<version>-<n>`
/// @param since when it was ordered
/// @param by the principal who ordered it
/// @param reason in the operator's words; empty when none was given
/// @param launch the start of the process that ran when it was ordered, as its provider names it;
///   empty when none ran. A restart is fulfilled by any other process that is Ready.
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

  /// How far it goes.
  public enum OrderKind implements Text {
    /// No new requests; what runs goes on, the process stays.
    CORDON("Cordon"),
    /// No new requests; once nothing runs there the process is stopped and stays stopped.
    DRAIN("Drain"),
    /// Drained, then started anew and back in routing.
    RESTART("Restart"),
    /// Started anew without waiting for what runs there.
    RESTART_NOW("RestartNow");

    private final String text;

    OrderKind(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }

    /// Whether it ends with a new process.
    public boolean restarts() {
      return this == RESTART || this == RESTART_NOW;
    }
  }
}
