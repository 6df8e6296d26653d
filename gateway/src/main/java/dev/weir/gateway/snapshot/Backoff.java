// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import java.util.random.RandomGenerator;

/// Backoff before a retry: exponential, bounded, and drawn uniformly from its upper half so that
/// many gateways do not return at once.
///
/// @param firstMillis upper bound of the first delay, above 0
/// @param maxMillis upper bound of every delay
public record Backoff(long firstMillis, long maxMillis) {
  public Backoff {
    if (firstMillis <= 0 || maxMillis < firstMillis) {
      throw new IllegalArgumentException(
          "a backoff requires 0 < firstMillis <= mostMillis: " + firstMillis + ", " + maxMillis);
    }
  }

  /// @param failures in a row so far, 0 or more
  public long delayMillis(int failures, RandomGenerator random) {
    long upper = Math.min(maxMillis, firstMillis << Math.min(failures, 20));
    return upper - random.nextLong(upper / 2 + 1);
  }
}
