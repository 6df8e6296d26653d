// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// UTC milliseconds that never jump: the wall clock at start, moved on by the monotonic one. Slices
/// of one run can so be ordered and compared with the run's own `nowMillis`, whatever happens to
/// the machine's clock meanwhile.
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

  /// UTC nanoseconds of a moment of the monotonic clock.
  long epochNanos(long atNanos) {
    return TimeUnit.MILLISECONDS.toNanos(startMillis) + atNanos - startNanos;
  }

  long millis() {
    return startMillis + TimeUnit.NANOSECONDS.toMillis(nanos() - startNanos);
  }
}
