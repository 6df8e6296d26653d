// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// Whether a request counts in a rollout's statistics, and if not, why.
public enum CohortMembership {
  /// One unit of the comparison: has an arrival and a record.
  COUNTED,
  /// A further request of a counted session: its record joins the first one's, it has no arrival.
  JOINED,
  /// One unit of a separate comparison: the gateway generated the request.
  GENERATED,
  /// No rollout of its service is observed.
  UNOBSERVED,
  /// The client pinned the version.
  PINNED,
  /// The request is not in the step's audience; the stable version answers.
  NOT_IN_AUDIENCE,
  /// The step compares mirrored requests, and this one is not mirrored.
  NOT_MIRRORED,
  /// It should be mirrored, but too many copies are in flight or it is too large. Without a copy
  /// there is no comparison.
  COPY_DROPPED,
  /// Its session was already counted in this step and has reached its limit of requests; counting
  /// it again would not be independent.
  SESSION_REPEATED,
  /// It is unknown whether its session is new in this step (too many are remembered, or the step is
  /// over); excluded in both arms alike.
  SESSIONS_FULL;

  /// Whether the request has a record.
  public boolean recorded() {
    return this == COUNTED || this == JOINED;
  }
}
