// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// UTC milliseconds that never jump: the wall clock at start, advanced by the monotonic clock. So
/// the slices of one run can be ordered and compared with the run's own `nowMillis`, whatever
/// happens to the machine's clock.
public final class SteadyClock {
  private final LongSupplier nanoTime;
  private final long startMillis;
  private final long startNanos;

  public SteadyClock(InstantSource wall, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.startMillis = wall.millis();
    this.startNanos = nanoTime.getAsLong();
  }

  long nanos() {
    return nanoTime.getAsLong();
  }

  /// UTC nanoseconds of a monotonic time.
  long epochNanos(long atNanos) {
    return TimeUnit.MILLISECONDS.toNanos(startMillis) + atNanos - startNanos;
  }

  long millis() {
    return startMillis + TimeUnit.NANOSECONDS.toMillis(nanos() - startNanos);
  }
}
