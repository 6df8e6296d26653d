// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import dev.weir.gateway.exchange.DrainEstimator;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// How many bytes of requests all connections hold together, from the first byte of a body to the
/// end of its answer. The last quarter is kept for small bodies, so that a few clients with large
/// bodies cause no rejections for others.
final class BodyMemory {
  private static final int SMALL = 64 * 1024;

  private final AtomicLong used = new AtomicLong();
  private final DrainEstimator drainEstimator;
  private final long most;

  BodyMemory(long most, LongSupplier nanoTime) {
    this.most = most;
    this.drainEstimator = new DrainEstimator(nanoTime);
  }

  /// @param before what the body holds already
  /// @return whether it may hold so many more
  boolean claim(int before, int more) {
    long limit = before + more <= SMALL ? most : most - most / 4;
    if (used.addAndGet(more) <= limit) {
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
