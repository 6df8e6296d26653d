// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.StoreHead;
import dev.weir.snapshot.TelemetryAck;
import java.util.List;

/// Identifies the store that the gateway follows, for the control plane. Thread-safe.
public interface StoreWitness {
  /// The store whose snapshots are accepted, with the newest witnessed head of its audit log.
  StoreHead witness();

  /// Identity of a store whose snapshots are currently refused; empty for none.
  String refused();

  /// Current problems, as text for operators.
  List<String> problems();

  /// Processes the response to a telemetry batch.
  ///
  /// @param reported the head that the batch reported
  /// @return whether the response is from the followed store, as far as is known
  boolean answered(StoreHead reported, TelemetryAck ack);
}
