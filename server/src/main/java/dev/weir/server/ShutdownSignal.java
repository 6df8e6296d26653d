// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.rehearsal.traffic.StopSignal;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The shutdown of the process (Ctrl-C, SIGTERM) as a stop signal. The shutdown waits until the
/// command has printed its result.
final class ShutdownSignal implements StopSignal, AutoCloseable {
  private static final long MAX_WAIT_SECONDS = 60;

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);

  private ShutdownSignal() {}

  static ShutdownSignal install() {
    ShutdownSignal signal = new ShutdownSignal();
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("traffic-stop").unstarted(signal::shutDown));
    return signal;
  }

  private void shutDown() {
    requested.countDown();
    try {
      boolean _ = done.await(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean requestedWithin(Duration timeout) throws InterruptedException {
    return requested.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  /// The command has ended; the shutdown need not wait for it.
  @Override
  public void close() {
    done.countDown();
  }
}
