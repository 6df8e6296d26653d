// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// A clock that moves only when a test advances it: wall time and a monotonic nanosecond counter
/// that move together.
public final class ManualClock implements InstantSource, LongSupplier {
  private final Instant start;
  private final AtomicLong elapsedNanos = new AtomicLong();

  public ManualClock(Instant start) {
    this.start = start;
  }

  public ManualClock() {
    this(Instant.parse("2026-01-01T00:00:00Z"));
  }

  public void advance(Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("a clock only moves forward: " + by);
    }
    elapsedNanos.addAndGet(by.toNanos());
  }

  @Override
  public Instant instant() {
    return start.plusNanos(elapsedNanos.get());
  }

  /// Nanoseconds since the clock was created, as a replacement for `System::nanoTime`.
  @Override
  public long getAsLong() {
    return elapsedNanos.get();
  }
}
