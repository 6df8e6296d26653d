// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// Counts what happened in the current and the previous five seconds. Shared by all event loops
/// without blocking: a count that lands in the neighbouring window during a turn does no harm.
public final class RecentCount {
  public static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long LEAST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier nanoTime;
  private final AtomicLong windowStart;
  private final AtomicLong now = new AtomicLong();
  private volatile long before;

  public RecentCount(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.windowStart = new AtomicLong(nanoTime.getAsLong());
  }

  public void add(long count) {
    turn();
    now.addAndGet(count);
  }

  /// Of the last five to ten seconds.
  public long sum() {
    turn();
    return now.get() + before;
  }

  /// The time in which [#sum] came together, from a second on.
  public long nanos() {
    turn();
    long inWindow = nanoTime.getAsLong() - windowStart.get();
    return Math.max(LEAST_NANOS, before > 0 ? inWindow + WINDOW_NANOS : inWindow);
  }

  private void turn() {
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
