// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.model.RolloutStatus;
import dev.weir.model.ServiceStatus;
import java.util.List;
import java.util.Optional;

/// What the state machine decides.
sealed interface RolloutDecision {
  /// Nothing changes except the status message.
  record NoChange(String message) implements RolloutDecision {}

  /// One transition.
  ///
  /// @param service the Service's status that goes with it, in the same commit
  /// @param finding what it was decided by, to be kept as evidence
  record Transition(
      RolloutStatus status,
      Optional<ServiceStatus> service,
      String reason,
      Optional<Finding> finding)
      implements RolloutDecision {
    /// The same transition with more detail in its message.
    Transition withDetail(String more) {
      return new Transition(
          status.withMessage(status.message() + "; " + more),
          service,
          reason + "; " + more,
          finding);
    }
  }

  /// A decision as evidence records it.
  ///
  /// @param verdict as in [dev.weir.model.Evidence#verdict]
  record Finding(String verdict, String reason, List<String> decidedBy) {
    public Finding {
      decidedBy = List.copyOf(decidedBy);
    }
  }
}
