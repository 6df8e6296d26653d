// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api.call;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/// Limits the concurrent calls of one kind. A call above the limit is rejected, not queued, with an
/// estimate of when a slot is free: the mean duration, in which the newest call has a quarter of
/// the weight. Before the first call ends, the estimate is the time since the last slot was taken.
public final class CallLimiter {
  private static final int MEAN_DIVISOR = 4;

  private final String what;
  private final int count;
  private final InstantSource clock;
  private final Semaphore free;
  private final AtomicLong meanMillis = new AtomicLong();
  private volatile Instant lastTaken;

  public CallLimiter(String what, int count, InstantSource clock) {
    this.what = what;
    this.count = count;
    this.clock = clock;
    this.free = new Semaphore(count);
    this.lastTaken = clock.instant();
  }

  /// Takes a slot until the result is closed.
  public CallSlot take() {
    if (!free.tryAcquire()) {
      throw ProblemException.temporary(
          ProblemType.OVERLOADED,
          "too many concurrent " + what + "; try again shortly",
          untilFree());
    }
    Instant since = clock.instant();
    lastTaken = since;
    return () -> release(since);
  }

  private void release(Instant since) {
    long duration = Math.max(1, Duration.between(since, clock.instant()).toMillis());
    meanMillis.updateAndGet(mean -> mean == 0 ? duration : mean + (duration - mean) / MEAN_DIVISOR);
    free.release();
  }

  private Duration untilFree() {
    long mean = meanMillis.get();
    return mean == 0
        ? Duration.between(lastTaken, clock.instant())
        : Duration.ofMillis(mean / count);
  }

  public int free() {
    return free.availablePermits();
  }

  public interface CallSlot extends AutoCloseable {
    @Override
    void close();
  }
}
