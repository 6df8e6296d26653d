// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Polls a condition until a deadline.
final class DeadlineWait {
  private static final Duration INTERVAL = Duration.ofMillis(100);

  private final LongSupplier nanoTime;

  DeadlineWait(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// The condition to wait for.
  interface Condition {
    boolean holds() throws java.io.IOException, InterruptedException;
  }

  /// @throws DemoException when the condition does not hold in time
  void until(Duration maxWait, String what, Condition condition)
      throws java.io.IOException, InterruptedException {
    long deadline = nanoTime.getAsLong() + maxWait.toNanos();
    while (!condition.holds()) {
      if (nanoTime.getAsLong() - deadline > 0) {
        throw new DemoException(
            "timed out after " + maxWait.toSeconds() + " s waiting for " + what);
      }
      pause(INTERVAL);
    }
  }

  /// Waits for a fixed time.
  void pause(Duration time) throws InterruptedException {
    // The latch never opens: the wait is interruptible and does not spin.
    var _ = new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS);
  }
}
