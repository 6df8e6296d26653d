// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.upstream.Deadlines;

/// How long a request may stay in the gateway before an engine is called for it.
///
/// @param deadlines of the request; the total one runs from the request's first byte
/// @param arrivedNanos when its last byte arrived: the first token is waited for from then
/// @param served whether the service has a replica; a stream waits longer for the first replica
record AdmissionDeadline(Deadlines deadlines, long arrivedNanos, boolean served) {

  /// When it ends.
  long untilNanos() {
    long total = deadlines.totalAtNanos();
    long first = arrivedNanos + deadlines.firstTokenNanos();
    return deadlines.streamed() && served && first - total < 0 ? first : total;
  }

  boolean isOver(long nowNanos) {
    return nowNanos - untilNanos() >= 0;
  }

  /// What a request fails with that stayed longer; no version is charged with it.
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
