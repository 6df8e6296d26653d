// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.snapshot.Telemetry.FastSlice;
import dev.weir.snapshot.Telemetry.Outcome;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/// Half a second of one slice's arrivals, and how many of them failed within a second: without a
/// first token, or as a stream that was cut. Written by event loops, read once when it is final.
final class FastWindow {
  static final Duration LENGTH = Duration.ofMillis(500);

  /// A failure within this time after arrival is fast.
  static final Duration FAST = Duration.ofSeconds(1);

  /// Allowance for late event loops.
  private static final Duration GRACE = Duration.ofMillis(100);

  private static final long OPEN_NANOS = LENGTH.plus(FAST).plus(GRACE).toNanos();
  private static final long FAST_MICROS = FAST.toNanos() / 1_000;

  private final OpenSlice.Key key;
  private final long startNanos;
  private final long startMillis;
  private final Counts canary = new Counts();
  private final Counts baseline = new Counts();

  private static final class Counts {
    private final AtomicInteger arrived = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
  }

  FastWindow(OpenSlice.Key key, long startNanos, long startMillis) {
    this.key = key;
    this.startNanos = startNanos;
    this.startMillis = startMillis;
  }

  boolean accepts(long nowNanos) {
    return nowNanos - startNanos < LENGTH.toNanos();
  }

  /// Whether the window can no longer change.
  boolean isFinal(long nowNanos) {
    return untilFinalNanos(nowNanos) == 0;
  }

  /// Time until the window is final.
  long untilFinalNanos(long nowNanos) {
    return Math.max(0, OPEN_NANOS - (nowNanos - startNanos));
  }

  boolean canaryFailed() {
    return canary.failed.get() > 0;
  }

  void arrived(boolean toCanary) {
    counts(toCanary).arrived.incrementAndGet();
  }

  /// The first attempt of a request that arrived in this window ended.
  ///
  /// @param begun whether it had a first token; then it counts as good unless it was cut
  /// @param truncated whether its stream was cut
  void ended(boolean toCanary, Outcome outcome, boolean begun, boolean truncated, long e2eMicros) {
    if (e2eMicros > FAST_MICROS) {
      return;
    }
    switch (outcome) {
      case FAILURE, BACKPRESSURE -> counts(toCanary).failed.incrementAndGet();
      case SUCCESS -> counts(toCanary).failed.addAndGet(truncated ? 1 : 0);
      case NEUTRAL -> counts(toCanary).arrived.addAndGet(begun ? 0 : -1);
      case PENDING -> {}
    }
  }

  private Counts counts(boolean toCanary) {
    return toCanary ? canary : baseline;
  }

  /// Whether there is anything to compare.
  boolean counts() {
    return key.weightMillionths() > 0 && canary.arrived.get() + baseline.arrived.get() > 0;
  }

  FastSlice slice() {
    return new FastSlice(
        key.canary().rollout(),
        key.canary().step(),
        key.weightMillionths(),
        startMillis,
        startMillis + LENGTH.toMillis(),
        key.stratum(),
        canary.arrived.get(),
        Math.min(canary.failed.get(), canary.arrived.get()),
        baseline.arrived.get(),
        Math.min(baseline.failed.get(), baseline.arrived.get()));
  }
}
