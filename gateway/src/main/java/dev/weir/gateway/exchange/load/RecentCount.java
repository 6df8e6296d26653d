// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.load;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// Counts events in the current and the previous five seconds. Shared by all event loops without
/// blocking; near a window boundary a count may land in either window.
public final class RecentCount {
  public static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long MIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier nanoTime;
  private final AtomicLong windowStart;
  private final AtomicLong now = new AtomicLong();
  private volatile long before;

  public RecentCount(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.windowStart = new AtomicLong(nanoTime.getAsLong());
  }

  public void add(long count) {
    rotate();
    now.addAndGet(count);
  }

  /// Count of the last five to ten seconds.
  public long sum() {
    rotate();
    return now.get() + before;
  }

  /// The period that [#sum] covers, at least one second.
  public long nanos() {
    rotate();
    long inWindow = nanoTime.getAsLong() - windowStart.get();
    return Math.max(MIN_NANOS, before > 0 ? inWindow + WINDOW_NANOS : inWindow);
  }

  private void rotate() {
    long start = windowStart.get();
    long time = nanoTime.getAsLong();
    long passed = time - start;
    if (passed < WINDOW_NANOS || !windowStart.compareAndSet(start, time)) {
      return;
    }
    long old = now.getAndSet(0);
    before = passed >= 2 * WINDOW_NANOS ? 0 : old;
  }
}
