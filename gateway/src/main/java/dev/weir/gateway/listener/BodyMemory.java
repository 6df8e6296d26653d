// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import dev.weir.gateway.exchange.load.DrainEstimator;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// Limits the total bytes of request bodies in memory, from the first byte of a body to the end of
/// its answer. The last quarter is reserved for small bodies, so that a few clients with large
/// bodies cause no rejections for others.
final class BodyMemory {
  private static final int SMALL = 64 * 1024;

  private final AtomicLong used = new AtomicLong();
  private final DrainEstimator drainEstimator;
  private final long limitBytes;

  BodyMemory(long limitBytes, LongSupplier nanoTime) {
    this.limitBytes = limitBytes;
    this.drainEstimator = new DrainEstimator(nanoTime);
  }

  /// @param before bytes that the body already uses
  /// @return whether it may use the additional bytes
  boolean claim(int before, int more) {
    long available = before + more <= SMALL ? limitBytes : limitBytes - limitBytes / 4;
    if (used.addAndGet(more) <= available) {
      return true;
    }
    used.addAndGet(-more);
    drainEstimator.refused(more);
    return false;
  }

  void release(int bytes) {
    used.addAndGet(-bytes);
    if (bytes > 0) {
      drainEstimator.left(bytes);
    }
  }

  /// See [DrainEstimator#nanosUntilRoom].
  long nanosUntilRoom() {
    return drainEstimator.nanosUntilRoom();
  }

  long used() {
    return used.get();
  }
}
