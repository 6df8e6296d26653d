// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import dev.weir.gateway.exchange.Failure;

/// How long one attempt may take, in nanoseconds.
///
/// @param connectNanos to open a connection
/// @param firstTokenNanos from the start of the attempt to its first token; where the answer comes
///   whole, which may rightly take longer, to a sign that the replica lives
/// @param streamed whether the answer comes token by token
/// @param stallNanos between two signs of life after that
/// @param totalAtNanos monotonic instant at which the whole request must be over
/// @param totalKind whose deadline the total is: the service's or the client's own
public record Deadlines(
    long connectNanos,
    long firstTokenNanos,
    boolean streamed,
    long stallNanos,
    long totalAtNanos,
    Failure.Kind totalKind) {

  /// The same, over no later than another.
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

  /// How long a replica that is busy with a whole answer may be silent before it is asked whether
  /// it lives, and how long it then has to say so.
  long livenessCheckNanos() {
    return Math.max(1, firstTokenNanos / 2);
  }

  /// For that question.
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
