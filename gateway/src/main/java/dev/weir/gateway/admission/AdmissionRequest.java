// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.snapshot.RoutingSnapshot.Priority;

/// The properties of a request that its admission queue uses.
///
/// @param weight of the tenant's share, above 0
/// @param tokens expected cost
/// @param bytes that it occupies in memory while it waits
/// @param deadlineNanos latest time of its first token, monotonic
/// @param replicaDeadlineNanos latest time to wait while there is no replica, monotonic
public record AdmissionRequest(
    Priority priority,
    String tenant,
    int weight,
    long tokens,
    int bytes,
    long deadlineNanos,
    long replicaDeadlineNanos) {
  public AdmissionRequest {
    if (weight < 1) {
      throw new IllegalArgumentException("weight must be above 0, but is " + weight);
    }
  }
}
