// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.reconcile;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// The wait of a failing key. It doubles from `first` to `longest`. Half of it is random, so keys
/// that fail at the same time do not run again at the same time.
public record RetryBackoff(Duration first, Duration longest) {
  private static final int MOST_DOUBLINGS = 30;

  public RetryBackoff {
    if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "back-off needs 0 < first <= longest: " + first + " " + longest);
    }
  }

  /// The wait after a failure, in nanoseconds.
  ///
  /// @param failures number of consecutive failures, 1 or more
  public long nanos(int failures, RandomGenerator random) {
    int doublings = Math.clamp(failures - 1L, 0, MOST_DOUBLINGS);
    double whole =
        Math.min((double) first.toNanos() * Math.pow(2, doublings), (double) longest.toNanos());
    return (long) (whole / 2 + random.nextDouble() * whole / 2);
  }
}
