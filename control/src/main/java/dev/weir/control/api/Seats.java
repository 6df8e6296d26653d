// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/// How many calls of a sort may go on at once; one more is refused, not queued, and told when a
/// seat may be free: they are held for the mean time, the newest with a quarter of the weight.
/// Until the first is given back that is as long as all have been taken.
final class Seats {
  private static final int NEWEST = 4;

  private final String what;
  private final int count;
  private final InstantSource clock;
  private final Semaphore free;
  private final AtomicLong meanMillis = new AtomicLong();
  private volatile Instant lastTaken;

  Seats(String what, int count, InstantSource clock) {
    this.what = what;
    this.count = count;
    this.clock = clock;
    this.free = new Semaphore(count);
    this.lastTaken = clock.instant();
  }

  /// Takes a seat until the result is closed.
  Seat take() {
    if (!free.tryAcquire()) {
      throw ProblemException.later(
          ProblemType.OVERLOADED, "too many " + what + " at once; try again shortly", untilFree());
    }
    Instant since = clock.instant();
    lastTaken = since;
    return () -> giveBack(since);
  }

  private void giveBack(Instant since) {
    long held = Math.max(1, Duration.between(since, clock.instant()).toMillis());
    meanMillis.updateAndGet(mean -> mean == 0 ? held : mean + (held - mean) / NEWEST);
    free.release();
  }

  private Duration untilFree() {
    long mean = meanMillis.get();
    return mean == 0
        ? Duration.between(lastTaken, clock.instant())
        : Duration.ofMillis(mean / count);
  }

  int free() {
    return free.availablePermits();
  }

  interface Seat extends AutoCloseable {
    @Override
    void close();
  }
}
