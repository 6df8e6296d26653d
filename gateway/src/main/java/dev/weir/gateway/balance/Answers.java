// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.snapshot.Telemetry.Outcome;
import java.util.concurrent.TimeUnit;

/// How attempts at a replica ended in the current and the previous five seconds. Neutral ends say
/// nothing about it and are not counted.
///
/// @param startNanos when the current five seconds began
record Answers(long startNanos, Counts now, Counts before) {
  static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(5);

  /// @param well successes
  /// @param badly failures
  /// @param full backpressure
  record Counts(int well, int badly, int full) {
    static final Counts NONE = new Counts(0, 0, 0);

    Counts plus(Counts other) {
      return new Counts(well + other.well, badly + other.badly, full + other.full);
    }

    int all() {
      return well + badly + full;
    }

    private static Counts of(Outcome outcome) {
      return switch (outcome) {
        case SUCCESS -> new Counts(1, 0, 0);
        case FAILURE -> new Counts(0, 1, 0);
        case BACKPRESSURE -> new Counts(0, 0, 1);
        case NEUTRAL, PENDING -> NONE;
      };
    }
  }

  static Answers none(long nowNanos) {
    return new Answers(nowNanos, Counts.NONE, Counts.NONE);
  }

  Answers plus(Outcome outcome, long nowNanos) {
    Answers turned = at(nowNanos);
    return new Answers(turned.startNanos, turned.now.plus(Counts.of(outcome)), turned.before);
  }

  /// Of the last five to ten seconds.
  Counts lately(long nowNanos) {
    Answers turned = at(nowNanos);
    return turned.now.plus(turned.before);
  }

  private Answers at(long nowNanos) {
    long passed = nowNanos - startNanos;
    if (passed < WINDOW_NANOS) {
      return this;
    }
    return new Answers(nowNanos, Counts.NONE, passed < 2 * WINDOW_NANOS ? now : Counts.NONE);
  }
}
