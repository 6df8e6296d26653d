// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.Optional;

/// Holds the current snapshot. All methods are called on event loops by every request: cheap, never
/// blocking.
public interface SnapshotHolder {
  /// The snapshot now; [IndexedSnapshot#NONE] before the first one. One request asks once and keeps
  /// it.
  IndexedSnapshot current();

  /// Whether canary arms may be fed now: the lease was renewed recently enough and the control
  /// plane has not said that this snapshot is reverted.
  boolean leaseRuns();

  /// How many gateways are live as far as this one has heard, itself included: the last number that
  /// was said, 1 before the first.
  int gateways();

  /// Why this gateway must not be sent traffic yet, or empty when it serves.
  Optional<String> notReadyReason();
}
