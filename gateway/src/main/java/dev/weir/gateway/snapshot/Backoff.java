// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import java.util.random.RandomGenerator;

/// How long to wait before try number n: doubling, bounded, and drawn evenly from its upper half so
/// that many gateways do not come back at once.
///
/// @param firstMillis upper end of the first wait, above 0
/// @param mostMillis upper end of every wait
public record Backoff(long firstMillis, long mostMillis) {
  public Backoff {
    if (firstMillis <= 0 || mostMillis < firstMillis) {
      throw new IllegalArgumentException(
          "a back-off needs 0 < first <= most: " + firstMillis + ", " + mostMillis);
    }
  }

  /// @param failures in a row so far, 0 or more
  public long delayMillis(int failures, RandomGenerator random) {
    long upper = Math.min(mostMillis, firstMillis << Math.min(failures, 20));
    return upper - random.nextLong(upper / 2 + 1);
  }
}
