// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/// What a serving process does, from its start to its end.
///
/// Who is told to end during the start waits until that is over, whole or failed: only then is it
/// known what there is to close. A start that fails closes what it had added by then.
final class ServerLifecycle {
  private final CloseStack closeStack = new CloseStack();
  private final CountDownLatch startOver = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean told;

  /// How a command begins to serve.
  interface Start {
    /// @param closeStack takes each part as soon as there is something of it to close
    /// @param toldToEnd whether the process has been told to end
    void run(CloseStack closeStack, BooleanSupplier toldToEnd) throws IOException;
  }

  /// Starts, and returns when all is closed again; called once.
  void run(Start start) throws IOException, InterruptedException {
    begin(start);
    ended.await();
  }

  private void begin(Start start) throws IOException {
    boolean whole = false;
    try {
      start.run(closeStack, () -> told);
      whole = true;
    } finally {
      if (!whole) {
        closeStack.close();
      }
      startOver.countDown();
    }
  }

  /// Tells it to end, and returns when all is closed; called once, by another thread.
  void end() throws InterruptedException {
    told = true;
    startOver.await();
    closeStack.close();
    ended.countDown();
  }
}
