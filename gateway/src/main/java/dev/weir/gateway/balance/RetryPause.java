// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.gateway.exchange.Failure;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// Backoff before a request is sent to another replica: exponential with full jitter, so that
/// requests rejected together are not retried together.
public final class RetryPause {
  private static final long BASE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
  private static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final int MAX_DOUBLINGS = 10;

  private RetryPause() {}

  /// The pause before the next attempt. After one failure the next replica is tried at once,
  /// because one failure implies nothing about other replicas. A second failure suggests a larger
  /// outage, such as a rack that fails machine by machine.
  ///
  /// @param attempts that reached a replica, including the failed one
  public static long after(Failure.Kind kind, int attempts, RandomGenerator random) {
    boolean atOnce =
        kind.unreachable() || (kind.next() == Failure.Next.RETRY_ELSEWHERE && attempts < 2);
    return atOnce ? 0 : nanos(attempts, random);
  }

  /// @param retry from 1
  /// @return 0 to 25 ms for the first, twice as much for each further one, at most 250 ms
  public static long nanos(int retry, RandomGenerator random) {
    long longest = BASE_NANOS << Math.clamp(retry - 1, 0, MAX_DOUBLINGS);
    return random.nextLong(Math.min(longest, MAX_NANOS) + 1);
  }
}
