// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.model.AlertTest;
import dev.weir.model.AlertView;
import java.util.List;
import java.util.Optional;

/// Alerts and their deliveries.
public interface AlertOperations {
  /// All that are kept, in the order in which they began.
  List<AlertView> alerts();

  /// Sends again what was given up; audited.
  ///
  /// @return the alert as it is then; empty when there is none
  Optional<AlertView> retry(String id, Actor actor, String reason);

  /// Sends a test, audited, and waits for the answer.
  ///
  /// @return empty when there is no such channel
  Optional<AlertTest> test(String channel, Actor actor, String reason) throws InterruptedException;
}
