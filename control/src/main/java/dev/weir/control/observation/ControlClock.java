// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/// The clock of the control plane: UTC at the start of the process, monotonic from there on. A step
/// of the wall clock has no effect while the process runs. A restart continues with the current
/// UTC.
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
