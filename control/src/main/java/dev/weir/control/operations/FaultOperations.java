// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.model.status.Fault;
import dev.weir.model.value.Problem;
import dev.weir.model.view.FaultAnswer;
import dev.weir.model.view.FaultRequest;
import java.util.List;
import java.util.Optional;

/// Operators' commands that inject and clear faults. Each command stores its effect with an audit
/// entry before it returns.
public interface FaultOperations {
  /// Injects a fault.
  ///
  /// @param mayAffectReal whether the caller may inject faults into replicas that are not simulated
  Result inject(
      String namespace, FaultRequest request, boolean mayAffectReal, Actor actor, String reason);

  /// The faults that have not expired, by Service, oldest first.
  List<Fault> list(String namespace);

  /// Clears faults at once.
  ///
  /// @param name the fault to clear; empty for all faults of the namespace
  Result clear(String namespace, Optional<String> name, Actor actor, String reason);

  /// The result of a command.
  sealed interface Result {
    /// The command succeeded.
    record Done(FaultAnswer answer) implements Result {}

    /// The request is not valid. The problem names the field.
    record Invalid(Problem problem) implements Result {}

    /// The caller lacks a permission.
    ///
    /// @param reason the required permission; completes the sentence "<principal> ..."
    record Forbidden(String reason) implements Result {}

    /// The current state does not allow the command.
    record Refused(String reason) implements Result {}

    /// The fault does not exist or has expired.
    record NotFound() implements Result {}
  }
}
