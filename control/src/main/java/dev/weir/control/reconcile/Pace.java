// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.reconcile;

import java.time.Duration;
import java.util.function.LongSupplier;

/// Limits how much processor time a periodic task uses: after each run it pauses for a multiple of
/// the time that the run took. So a task that reads the whole fleet runs at every tick while the
/// fleet is small, and less often when it is large.
public final class Pace {
  private final LongSupplier nanos;
  private final int pauses;
  private final long longestNanos;
  private volatile long dueNanos;

  /// @param nanos monotonic
  /// @param pauses the pause after a run, as a multiple of its duration
  /// @param longest the longest pause
  public Pace(LongSupplier nanos, int pauses, Duration longest) {
    this.nanos = nanos;
    this.pauses = pauses;
    this.longestNanos = longest.toNanos();
    this.dueNanos = nanos.getAsLong();
  }

  /// Whether the pause after the last run is over.
  public boolean due() {
    return nanos.getAsLong() - dueNanos >= 0;
  }

  /// Runs the task, and begins the pause, also if the task throws.
  public void run(Runnable task) {
    long begun = nanos.getAsLong();
    try {
      task.run();
    } finally {
      long ended = nanos.getAsLong();
      dueNanos = ended + Math.min(longestNanos, pauses * (ended - begun));
    }
  }
}
