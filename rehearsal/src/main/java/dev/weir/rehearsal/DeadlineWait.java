// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Waits for something that shows itself only when asked, and gives up at a deadline.
final class DeadlineWait {
  private static final Duration LOOK = Duration.ofMillis(100);

  private final LongSupplier nanoTime;

  DeadlineWait(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// Something that may be so by now.
  interface Condition {
    boolean holds() throws java.io.IOException, InterruptedException;
  }

  /// @throws DemoException when it does not hold in time
  void until(Duration atMost, String what, Condition condition)
      throws java.io.IOException, InterruptedException {
    long deadline = nanoTime.getAsLong() + atMost.toNanos();
    while (!condition.holds()) {
      if (nanoTime.getAsLong() - deadline > 0) {
        throw new DemoException("waited " + atMost.toSeconds() + " s in vain for " + what);
      }
      pause(LOOK);
    }
  }

  /// Lets so much time pass.
  void pause(Duration time) throws InterruptedException {
    // A latch that nobody opens: the wait can be interrupted, and no thread spins.
    var _ = new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS);
  }
}
