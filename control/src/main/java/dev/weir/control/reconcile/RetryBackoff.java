// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.reconcile;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long a failing key waits: doubles from `first` to `longest`, with half of it random so that
/// keys that failed together do not come back together.
public record RetryBackoff(Duration first, Duration longest) {
  private static final int MOST_DOUBLINGS = 30;

  public RetryBackoff {
    if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "back-off needs 0 < first <= longest: " + first + " " + longest);
    }
  }

  /// @param failures how often in a row it failed, 1 or more
  public long nanos(int failures, RandomGenerator random) {
    int doublings = Math.clamp(failures - 1L, 0, MOST_DOUBLINGS);
    double whole =
        Math.min((double) first.toNanos() * Math.pow(2, doublings), (double) longest.toNanos());
    return (long) (whole / 2 + random.nextDouble() * whole / 2);
  }
}
