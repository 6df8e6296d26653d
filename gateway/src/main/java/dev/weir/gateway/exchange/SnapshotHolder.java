// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.Optional;

/// Holds the current snapshot. Every request calls these methods on event loops: they must be cheap
/// and non-blocking.
public interface SnapshotHolder {
  /// The current snapshot; [IndexedSnapshot#NONE] before the first one. A request reads it once and
  /// retains it.
  IndexedSnapshot current();

  /// Whether canary traffic is allowed: the lease was renewed recently enough, and the control
  /// plane has not reported that this snapshot is rolled back.
  boolean leaseRuns();

  /// Number of live gateways, including this one: the last reported number, 1 before the first
  /// report.
  int gateways();

  /// Why this gateway is not ready for traffic; empty when it is ready.
  Optional<String> notReadyReason();
}
