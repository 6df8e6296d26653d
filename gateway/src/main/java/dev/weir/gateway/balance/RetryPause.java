// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.gateway.exchange.Failure;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// How long to wait before a request is sent to another replica: exponential with full jitter, so
/// that requests refused together do not come again together.
public final class RetryPause {
  private static final long BASE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
  private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final int MOST_DOUBLINGS = 10;

  private RetryPause() {}

  /// One failure says nothing about the next replica, which is asked at once; a second says that
  /// more is going on than the death of one, such as a rack that goes down machine by machine.
  ///
  /// @param attempts that reached a replica, the one that failed so included
  public static long after(Failure.Kind kind, int attempts, RandomGenerator random) {
    boolean atOnce =
        kind.unreachable() || (kind.next() == Failure.Next.RETRY_ELSEWHERE && attempts < 2);
    return atOnce ? 0 : nanos(attempts, random);
  }

  /// @param retry from 1
  /// @return 0 to 25 ms for the first, twice as much for each further one, at most 250 ms
  public static long nanos(int retry, RandomGenerator random) {
    long longest = BASE_NANOS << Math.clamp(retry - 1, 0, MOST_DOUBLINGS);
    return random.nextLong(Math.min(longest, MOST_NANOS) + 1);
  }
}
