// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Waits between attempts.
@FunctionalInterface
public interface RetryDelay {
  void sleep(Duration time) throws InterruptedException;

  /// Waits in real time on a latch that never opens, so that an interrupt ends the wait.
  static RetryDelay real() {
    return time -> {
      if (new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new IllegalStateException("the latch must never open");
      }
    };
  }
}
