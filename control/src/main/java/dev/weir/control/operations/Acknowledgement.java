// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import java.util.List;

/// Waits until gateways serve the current snapshot, and names the gateways that do not.
public interface Acknowledgement {
  /// Publishes the current snapshot and waits up to two seconds for the connected gateways. It does
  /// not wait for gateways that are not connected.
  Outcome await();

  /// @param acknowledged ids of the gateways that serve the snapshot
  /// @param unacknowledged the gateways that do not serve it
  record Outcome(List<String> acknowledged, List<Behind> unacknowledged) {
    public Outcome {
      acknowledged = List.copyOf(acknowledged);
      unacknowledged = List.copyOf(unacknowledged);
    }
  }

  /// A gateway that serves an older snapshot.
  ///
  /// @param reason since when, and until when this continues
  record Behind(String gateway, String reason) {}
}
