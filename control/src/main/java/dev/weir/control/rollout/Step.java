// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.model.RolloutStatus;
import dev.weir.model.ServiceStatus;
import java.util.List;
import java.util.Optional;

/// What the machine answers.
sealed interface Step {
  /// Nothing changes but what people are told.
  record Stay(String message) implements Step {}

  /// One transition.
  ///
  /// @param service the Service's status that goes with it, in the same commit
  /// @param finding what it was decided by, to be kept as evidence
  record Move(
      RolloutStatus status,
      Optional<ServiceStatus> service,
      String reason,
      Optional<Finding> finding)
      implements Step {
    /// The same, which tells more.
    Move saying(String more) {
      return new Move(
          status.withMessage(status.message() + "; " + more),
          service,
          reason + "; " + more,
          finding);
    }
  }

  /// A decision in the words of evidence.
  ///
  /// @param verdict as in [dev.weir.model.Evidence#verdict]
  record Finding(String verdict, String reason, List<String> decidedBy) {
    public Finding {
      decidedBy = List.copyOf(decidedBy);
    }
  }
}
