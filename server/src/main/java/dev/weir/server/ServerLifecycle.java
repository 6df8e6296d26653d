// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/// The lifecycle of a serving process.
///
/// A shutdown during the start waits until the start has succeeded or failed, because only then are
/// all parts known. A failed start closes the parts that it added.
final class ServerLifecycle {
  private final CloseStack closeStack = new CloseStack();
  private final CountDownLatch startDone = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean shutdownRequested;

  /// The start of a command.
  interface Start {
    /// @param closeStack receives each part as soon as it needs closing
    /// @param shutdownRequested whether the process is shutting down
    void run(CloseStack closeStack, BooleanSupplier shutdownRequested) throws IOException;
  }

  /// Starts, and returns when everything is closed; called once.
  void run(Start start) throws IOException, InterruptedException {
    begin(start);
    closed.await();
  }

  private void begin(Start start) throws IOException {
    boolean started = false;
    try {
      start.run(closeStack, () -> shutdownRequested);
      started = true;
    } finally {
      if (!started) {
        closeStack.close();
      }
      startDone.countDown();
    }
  }

  /// Requests the shutdown and returns when everything is closed; called once, by another thread.
  void end() throws InterruptedException {
    shutdownRequested = true;
    startDone.await();
    closeStack.close();
    closed.countDown();
  }
}
