// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// Whether a request counts in a rollout's statistics, and why not when it does not.
public enum CohortMembership {
  /// One unit of the comparison: gets an arrival and a record.
  COUNTED,
  /// A further request of a session that counts: has a record beside the first one's, no arrival.
  JOINED,
  /// One unit of a comparison of its own: the gateway asked it itself.
  GENERATED,
  /// No rollout of its service is observed.
  UNOBSERVED,
  /// The caller chose the version itself.
  PINNED,
  /// The step is for others; the stable version answers.
  NOT_IN_AUDIENCE,
  /// The step compares mirrored requests, and this is none of them.
  NOT_MIRRORED,
  /// It was to be mirrored, and too many copies were under way or it is too large: without a copy
  /// there is nothing to compare it with.
  COPY_DROPPED,
  /// Its session was counted before in this step, and has joined as much as it may; counting it
  /// again would not be independent.
  SESSION_REPEATED,
  /// It cannot be told whether its session is new in this step (too many are remembered, or the
  /// step is over); excluded in both arms alike.
  SESSIONS_FULL;

  /// Whether there is a record of it.
  public boolean recorded() {
    return this == COUNTED || this == JOINED;
  }
}
