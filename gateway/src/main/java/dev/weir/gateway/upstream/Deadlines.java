// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import dev.weir.gateway.exchange.Failure;

/// Deadlines of one attempt, in nanoseconds.
///
/// @param connectNanos to open a connection
/// @param firstTokenNanos from the start of the attempt to its first token; for a non-streamed
///   answer, which may take longer, to a sign that the replica is alive
/// @param streamed whether the answer is streamed
/// @param stallNanos between two events after that
/// @param totalAtNanos monotonic time at which the whole request must end
/// @param totalKind failure when the total deadline passes: the service's or the client's own
///   deadline
public record Deadlines(
    long connectNanos,
    long firstTokenNanos,
    boolean streamed,
    long stallNanos,
    long totalAtNanos,
    Failure.Kind totalKind) {

  /// Same deadlines, ending no later than the others.
  public Deadlines within(Deadlines other) {
    return other.totalAtNanos - totalAtNanos < 0
        ? new Deadlines(
            connectNanos,
            firstTokenNanos,
            streamed,
            stallNanos,
            other.totalAtNanos,
            other.totalKind)
        : this;
  }

  /// How long a replica may be silent during a non-streamed answer before its liveness is probed,
  /// and how long it then has to respond.
  long livenessCheckNanos() {
    return Math.max(1, firstTokenNanos / 2);
  }

  /// The deadlines of that probe.
  Deadlines ofProbe(long nowNanos) {
    return new Deadlines(
        Math.min(connectNanos, livenessCheckNanos()),
        livenessCheckNanos(),
        true,
        livenessCheckNanos(),
        nowNanos + livenessCheckNanos(),
        Failure.Kind.TOTAL_TIMEOUT);
  }
}
