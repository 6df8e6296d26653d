// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/// The one clock that looks at evidence are timed by: UTC when the process started, monotonic from
/// there on. A step of the wall clock moves nothing while the process runs, and a restart goes on
/// where UTC says.
public final class ControlClock {
  private final Instant start;
  private final long startNanos;
  private final LongSupplier nanos;

  public ControlClock(InstantSource wall, LongSupplier nanos) {
    this.start = wall.instant();
    this.startNanos = nanos.getAsLong();
    this.nanos = nanos;
  }

  public Instant now() {
    return start.plusNanos(nanos.getAsLong() - startNanos);
  }

  /// Milliseconds since the epoch.
  public long millis() {
    return now().toEpochMilli();
  }
}
