// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.load;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// Estimates how fast a full resource drains, to compute `Retry-After` for rejected requests.
/// Shared by all event loops without blocking.
public final class DrainEstimator {
  private final LongSupplier nanoTime;
  private final RecentCount left;
  private final RecentCount refused;
  private final AtomicLong lastLeftNanos;

  public DrainEstimator(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.left = new RecentCount(nanoTime);
    this.refused = new RecentCount(nanoTime);
    this.lastLeftNanos = new AtomicLong(nanoTime.getAsLong());
  }

  /// Records freed capacity.
  public void left(long count) {
    left.add(count);
    lastLeftNanos.set(nanoTime.getAsLong());
  }

  /// Records rejected demand.
  public void refused(long count) {
    refused.add(count);
  }

  /// Time until all recently rejected demand finds capacity, at the current rate of freed capacity.
  /// If none was freed recently, the estimate is the time since capacity was last freed.
  public long nanosUntilRoom() {
    long freed = left.sum();
    return freed == 0
        ? nanoTime.getAsLong() - lastLeftNanos.get()
        : (long) ((double) left.nanos() / freed * Math.max(1, refused.sum()));
  }
}
