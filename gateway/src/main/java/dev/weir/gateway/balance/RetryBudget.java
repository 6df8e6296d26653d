// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// Keeps retries a small share of a service's requests, so that a struggling fleet is not buried
/// under them. Counts over the current and the previous five seconds; a floor lets a quiet service
/// retry at all. Shared by all event loops; nobody waits (a count that lands in the neighbouring
/// window during a turn does no harm).
public final class RetryBudget {
  static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(5);

  /// Retries in two windows that are always allowed: ten a second.
  static final long FLOOR = 100;

  private final LongSupplier nanoTime;
  private final AtomicLong windowStart;
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong retries = new AtomicLong();
  private volatile long requestsBefore;
  private volatile long retriesBefore;

  public RetryBudget(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.windowStart = new AtomicLong(nanoTime.getAsLong());
  }

  /// A request came (not a retry).
  public void request() {
    turn();
    requests.incrementAndGet();
  }

  /// Takes one retry out of the budget.
  ///
  /// @param percent retries per hundred requests
  /// @return whether there was one left
  public boolean takeRetry(int percent) {
    turn();
    long allowed = FLOOR + (requests.get() + requestsBefore) * percent / 100;
    if (retries.get() + retriesBefore >= allowed) {
      return false;
    }
    retries.incrementAndGet();
    return true;
  }

  private void turn() {
    long start = windowStart.get();
    long now = nanoTime.getAsLong();
    long passed = now - start;
    if (passed < WINDOW_NANOS || !windowStart.compareAndSet(start, now)) {
      return;
    }
    boolean longAgo = passed >= 2 * WINDOW_NANOS;
    long oldRequests = requests.getAndSet(0);
    long oldRetries = retries.getAndSet(0);
    requestsBefore = longAgo ? 0 : oldRequests;
    retriesBefore = longAgo ? 0 : oldRetries;
  }
}
