// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

/// The verdict on one answer.
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

  /// An answer that no client may get: wrong, without an end, or an error in an unknown format.
  record Wrong(String what) implements ClientVerdict {}
}
