// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.upstream.Deadlines;

/// The latest time at which a request may be sent to an engine.
///
/// @param deadlines of the request; the total deadline runs from the request's first byte
/// @param arrivedNanos when the last byte arrived; the first-token timeout runs from then
/// @param served whether the service has a replica; without one, a stream waits for the first
///   replica up to the total deadline
record AdmissionDeadline(Deadlines deadlines, long arrivedNanos, boolean served) {

  /// Monotonic nanoseconds at which it ends.
  long untilNanos() {
    long total = deadlines.totalAtNanos();
    long first = arrivedNanos + deadlines.firstTokenNanos();
    return deadlines.streamed() && served && first - total < 0 ? first : total;
  }

  boolean isOver(long nowNanos) {
    return nowNanos - untilNanos() >= 0;
  }

  /// The failure of a request that exceeds it. No version is charged with it.
  Failure passed() {
    return deadlines.totalKind() == Failure.Kind.CLIENT_DEADLINE
        ? new Failure(
            Failure.Kind.CLIENT_DEADLINE,
            "the time in x-weir-timeout passed before the engine was called")
        : new Failure(
            Failure.Kind.DEADLINE_PASSED,
            "the request's deadline passed before the engine was called");
  }
}
