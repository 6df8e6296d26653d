// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// Keeps one service from taking the whole gateway: so many of its requests are under way and no
/// more. Counts over the current and the previous five seconds how many left, so that it can say
/// when there will be room. Shared by all event loops; nobody waits.
public final class Bulkhead {
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final LongSupplier nanoTime;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger left = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicLong windowNanos;
  private volatile int leftBefore;
  private volatile int refusedBefore;

  public Bulkhead(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.windowNanos = new AtomicLong(nanoTime.getAsLong());
  }

  /// A request wants in.
  ///
  /// @param most that may be under way
  /// @return whether there was room; then [#leave] must follow
  public boolean enter(int most) {
    turn();
    if (inFlight.incrementAndGet() <= most) {
      return true;
    }
    inFlight.decrementAndGet();
    refused.incrementAndGet();
    return false;
  }

  /// A request that entered is over.
  public void leave() {
    turn();
    inFlight.decrementAndGet();
    left.incrementAndGet();
  }

  public boolean isEmpty() {
    return inFlight.get() == 0;
  }

  /// How long those that were refused lately take to find room, at the rate at which requests
  /// leave. When none left lately that is unknown, and the length of what was looked at.
  public long nanosUntilRoom() {
    turn();
    int leaving = left.get() + leftBefore;
    long seen = WINDOW_NANOS + Math.min(WINDOW_NANOS, nanoTime.getAsLong() - windowNanos.get());
    return leaving == 0 ? seen : seen / leaving * Math.max(1, refused.get() + refusedBefore);
  }

  /// A count that lands in the neighbouring window during a turn does no harm.
  private void turn() {
    long start = windowNanos.get();
    long now = nanoTime.getAsLong();
    long passed = now - start;
    if (passed < WINDOW_NANOS || !windowNanos.compareAndSet(start, now)) {
      return;
    }
    boolean longAgo = passed >= 2 * WINDOW_NANOS;
    int oldLeft = left.getAndSet(0);
    int oldRefused = refused.getAndSet(0);
    leftBefore = longAgo ? 0 : oldLeft;
    refusedBefore = longAgo ? 0 : oldRefused;
  }
}
