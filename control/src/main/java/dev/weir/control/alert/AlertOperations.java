// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.model.view.AlertTest;
import dev.weir.model.view.AlertView;
import java.util.List;
import java.util.Optional;

/// Alerts and their deliveries.
public interface AlertOperations {
  /// All stored alerts, in the order in which they started.
  List<AlertView> alerts();

  /// Sends the deliveries again that were given up. Writes an audit entry.
  ///
  /// @return the alert after the change; empty when it does not exist
  Optional<AlertView> retry(String id, Actor actor, String reason);

  /// Sends a test message and waits for the result. Writes an audit entry.
  ///
  /// @return empty when the channel does not exist
  Optional<AlertTest> test(String channel, Actor actor, String reason) throws InterruptedException;
}
