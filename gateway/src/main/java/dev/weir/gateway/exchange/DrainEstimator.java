// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

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

  /// So much became free.
  public void left(long count) {
    left.add(count);
    lastLeftNanos.set(nanoTime.getAsLong());
  }

  /// So much found no room.
  public void refused(long count) {
    refused.add(count);
  }

  /// How long all that was refused lately takes to find room, at the rate at which it becomes free.
  /// When nothing became free lately that is unknown: as long again as nothing has.
  public long nanosUntilRoom() {
    long leaving = left.sum();
    return leaving == 0
        ? nanoTime.getAsLong() - lastLeftNanos.get()
        : (long) ((double) left.nanos() / leaving * Math.max(1, refused.sum()));
  }
}
