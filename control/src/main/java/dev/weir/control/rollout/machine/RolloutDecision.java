// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout.machine;

import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus;
import java.util.List;
import java.util.Optional;

/// The decision of the state machine.
public sealed interface RolloutDecision {
  /// Nothing changes except the status message.
  record NoChange(String message) implements RolloutDecision {}

  /// One transition.
  ///
  /// @param service new status of the Service, stored in the same commit
  /// @param finding the reasons, stored as evidence
  record Transition(
      RolloutStatus status,
      Optional<ServiceStatus> service,
      String reason,
      Optional<Finding> finding)
      implements RolloutDecision {
    /// The same transition with more detail in its message.
    public Transition withDetail(String more) {
      return new Transition(
          status.withMessage(status.message() + "; " + more),
          service,
          reason + "; " + more,
          finding);
    }
  }

  /// A decision as evidence records it.
  ///
  /// @param verdict as in [dev.weir.model.view.Evidence#verdict]
  record Finding(String verdict, String reason, List<String> decidedBy) {
    public Finding {
      decidedBy = List.copyOf(decidedBy);
    }
  }
}
