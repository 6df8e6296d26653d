// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

/// What a client got.
sealed interface ClientVerdict {
  /// Every byte of it right.
  ///
  /// @param attempts that the gateway made until the answer began
  /// @param resumed whether it was continued in its middle
  record Right(int attempts, boolean resumed) implements ClientVerdict {}

  /// A failure that is reported as the API specifies.
  ///
  /// @param cause status and code
  record ReportedFailure(String cause) implements ClientVerdict {}

  /// What no client may ever get: a wrong answer, one without an end, an error in no known shape.
  record Wrong(String what) implements ClientVerdict {}
}
