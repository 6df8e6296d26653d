// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.snapshot.Telemetry.Outcome;
import java.util.concurrent.TimeUnit;

/// Outcomes of a replica's attempts in the current and the previous five-second window. Neutral
/// outcomes are not counted.
///
/// @param startNanos start of the current window
record RecentOutcomes(long startNanos, Counts now, Counts before) {
  static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(5);

  /// @param successes number of successful attempts
  /// @param failures number of failed attempts
  /// @param backpressure number of attempts rejected as overloaded
  record Counts(int successes, int failures, int backpressure) {
    static final Counts NONE = new Counts(0, 0, 0);

    Counts plus(Counts other) {
      return new Counts(
          successes + other.successes,
          failures + other.failures,
          backpressure + other.backpressure);
    }

    int all() {
      return successes + failures + backpressure;
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

  static RecentOutcomes none(long nowNanos) {
    return new RecentOutcomes(nowNanos, Counts.NONE, Counts.NONE);
  }

  RecentOutcomes plus(Outcome outcome, long nowNanos) {
    RecentOutcomes rotated = at(nowNanos);
    return new RecentOutcomes(
        rotated.startNanos, rotated.now.plus(Counts.of(outcome)), rotated.before);
  }

  /// Counts of the last five to ten seconds.
  Counts recent(long nowNanos) {
    RecentOutcomes rotated = at(nowNanos);
    return rotated.now.plus(rotated.before);
  }

  private RecentOutcomes at(long nowNanos) {
    long passed = nowNanos - startNanos;
    if (passed < WINDOW_NANOS) {
      return this;
    }
    return new RecentOutcomes(nowNanos, Counts.NONE, passed < 2 * WINDOW_NANOS ? now : Counts.NONE);
  }
}
