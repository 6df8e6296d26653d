// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.model.Fault;
import dev.weir.model.FaultAnswer;
import dev.weir.model.FaultRequest;
import dev.weir.model.Problem;
import java.util.List;
import java.util.Optional;

/// Faults that are injected on purpose. Each change is stored with its audit entry before it
/// answers.
public interface FaultOperations {
  /// @param mayStrikeReal whether the caller may disturb replicas that are not simulated
  Result inject(
      String namespace, FaultRequest request, boolean mayStrikeReal, Actor actor, String reason);

  /// Those that are not over, by Service, oldest first.
  List<Fault> list(String namespace);

  /// Ends faults at once.
  ///
  /// @param name of the only one; empty for all of the namespace
  Result clear(String namespace, Optional<String> name, Actor actor, String reason);

  /// How it went.
  sealed interface Result {
    record Done(FaultAnswer answer) implements Result {}

    /// The request names what is not there, or leaves out what must be said.
    record Invalid(Problem problem) implements Result {}

    /// @param reason what right is needed, ending the sentence "<principal> ..."
    record Forbidden(String reason) implements Result {}

    /// The state does not allow it.
    record Refused(String reason) implements Result {}

    record NotFound() implements Result {}
  }
}
