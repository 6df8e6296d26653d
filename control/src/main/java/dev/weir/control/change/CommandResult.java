// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

/// The result of an operator's command to a rollout, a Service or a replica.
public sealed interface CommandResult {
  /// The command succeeded. Its effect is stored with its audit entry.
  ///
  /// @param message one line for the operator: what happens next
  record Done(String message) implements CommandResult {}

  /// The current state does not allow the command. Nothing was written.
  record Refused(String reason) implements CommandResult {}

  /// The rollout, Service or replica does not exist.
  record NotFound() implements CommandResult {}
}
