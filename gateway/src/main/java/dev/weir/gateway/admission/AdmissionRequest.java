// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.snapshot.RoutingSnapshot.Priority;

/// What an admission queue knows of a request.
///
/// @param weight of the tenant's share, above 0
/// @param tokens that it is expected to cost
/// @param bytes that it keeps in memory while it waits
/// @param deadlineNanos until when it wants its first token, monotonic
/// @param replicaDeadlineNanos until when it waits while there is no replica at all, monotonic
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
      throw new IllegalArgumentException("a share's weight is above 0: " + weight);
    }
  }
}
