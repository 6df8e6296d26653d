// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.StoreHead;
import dev.weir.snapshot.TelemetryAck;
import java.util.List;

/// What the gateway tells the control plane of the store that it follows. Thread-safe.
public interface StoreWitness {
  /// The store whose snapshots are taken, with the newest head of its audit log that is witnessed.
  StoreHead witness();

  /// Identity of a store whose snapshots are refused now; empty for none.
  String refused();

  /// What an operator should know, in words.
  List<String> problems();

  /// Takes the answer to a batch.
  ///
  /// @param reported the head that the batch reported
  /// @return whether the answer is of the store that is followed, so far as is known
  boolean answered(StoreHead reported, TelemetryAck ack);
}
