// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.crash;

import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoints;
import dev.weir.server.TestHooks;
import dev.weir.server.Weir;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// `weir` as it is, but that it obeys [CrashOrders]: it kills itself with `kill -9` when it passes
/// a crash point, waits at one, or lets its monotonic clock jump.
public final class DyingControl implements CrashPoints {
  /// The environment variable that names the folder of the orders.
  public static final String ORDERS = "TRIAL_CRASH";

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

  private final CrashOrders orders;
  private volatile long aheadNanos;

  private DyingControl(CrashOrders orders) {
    this.orders = orders;
    this.aheadNanos = orders.aheadNanos();
  }

  public static void main(String[] args) {
    DyingControl control = new DyingControl(new CrashOrders(Path.of(System.getenv(ORDERS))));
    Thread _ = Thread.ofPlatform().name("clock").daemon().start(control::followClock);
    Weir.run(
        TestHooks.NONE
            .withCrashPoints(control)
            .withNanos(() -> System.nanoTime() + control.aheadNanos),
        args);
  }

  private void followClock() {
    while (true) {
      aheadNanos = orders.aheadNanos();
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }

  @Override
  public void pass(CrashPoint point) {
    if (dies(point)) {
      die();
    }
    while (orders.holds(point)) {
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }

  private synchronized boolean dies(CrashPoint point) {
    return orders.dies(point);
  }

  // The thread goes no further than here, as if the kernel had stopped all of them at once.
  private static void die() {
    try {
      new ProcessBuilder("kill", "-9", Long.toString(ProcessHandle.current().pid())).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    while (true) {
      LockSupport.park();
    }
  }
}
