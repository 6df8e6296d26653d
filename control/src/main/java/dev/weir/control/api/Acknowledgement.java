// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import java.util.List;

/// Waits until gateways serve the current snapshot, and names those that do not.
public interface Acknowledgement {
  /// Publishes, and waits for connected gateways: two seconds at most. Those that are not connected
  /// are not waited for.
  Outcome await();

  /// @param acknowledged ids of gateways that serve it
  /// @param cutOff those that do not
  record Outcome(List<String> acknowledged, List<Behind> cutOff) {
    public Outcome {
      acknowledged = List.copyOf(acknowledged);
      cutOff = List.copyOf(cutOff);
    }
  }

  /// @param reason for people: since when, and until when it goes on as before
  record Behind(String gateway, String reason) {}
}
