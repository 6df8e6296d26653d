// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.load;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/// Measures the lag of one event loop with a tick on the loop itself, and detects overload.
///
/// The loop is overloaded when every tick of three seconds, and at least three in a row, was late
/// by more than a second. Model answers take seconds, so an additional second is better for a
/// client than a rejection. One or two late ticks (garbage collection, class loading) are no
/// overload, however late they are. The overload ends after half a second of ticks that are not
/// late. An overload that returns within five seconds is recognised after one second.
///
/// The kernel does not report when bytes arrived, so [#arrivedNanos] estimates it. Bytes that are
/// read now were not available at the poll before the last one, and each iteration of a late loop
/// runs one tick: hence they arrived after the tick before the last one. While the loop is late,
/// the estimate is never later than the arrival. While the loop is not late, the estimate is the
/// time of reading, at most 100 ms after the arrival. Delays before this machine's kernel received
/// the bytes are unknown.
///
/// Event loop only, except for the methods that metrics use.
public final class LoopLag {
  /// Time between two ticks of a loop that is not late.
  public static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long LATE_NANOS = 2 * TICK_NANOS;
  private static final long TARGET_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final int MIN_LATE_TICKS = 3;
  private static final long RECOVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long RELAPSE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int NEWEST_WEIGHT_DIVISOR = 4;
  private static final long NONE = Long.MIN_VALUE;

  private final LongSupplier nanoTime;
  private final DrainEstimator drainEstimator;
  private final LongAdder shed = new LongAdder();
  private final LongAdder clientsLeft = new LongAdder();
  private long lastTickNanos;
  private long tickBeforeNanos;
  private long aboveSinceNanos = NONE;
  private long belowSinceNanos = NONE;
  private int lateInARow;
  private volatile long overloadedAtNanos = NONE;
  private volatile boolean overloaded;
  private volatile long lagNanos;

  /// @param nanoTime monotonic nanoseconds
  public LoopLag(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.drainEstimator = new DrainEstimator(nanoTime);
    this.lastTickNanos = nanoTime.getAsLong();
    this.tickBeforeNanos = lastTickNanos;
  }

  /// Call on the loop, [#TICK_NANOS] after the last call.
  ///
  /// @param waitingNanos age of the oldest request that the loop has not read yet, or 0
  public void tick(long waitingNanos) {
    long now = nanoTime.getAsLong();
    long late = Math.max(0, now - lastTickNanos - TICK_NANOS);
    tickBeforeNanos = lastTickNanos;
    lastTickNanos = now;
    update(Math.max(late, waitingNanos), now);
  }

  private void update(long lateNanos, long now) {
    long before = lagNanos;
    lagNanos = before + (lateNanos - before) / NEWEST_WEIGHT_DIVISOR;
    if (lateNanos > TARGET_NANOS) {
      above(now);
    } else {
      below(now);
    }
    if (overloaded) {
      overloadedAtNanos = now;
    }
  }

  private void above(long now) {
    belowSinceNanos = NONE;
    if (aboveSinceNanos == NONE) {
      aboveSinceNanos = now;
    }
    lateInARow++;
    if (isSustained(now)) {
      overloaded = true;
    }
  }

  private boolean isSustained(long now) {
    boolean relapse = overloadedWithin(RELAPSE_NANOS, now);
    return now - aboveSinceNanos >= (relapse ? TARGET_NANOS : INTERVAL_NANOS)
        && (relapse || lateInARow >= MIN_LATE_TICKS);
  }

  private void below(long now) {
    aboveSinceNanos = NONE;
    lateInARow = 0;
    if (belowSinceNanos == NONE) {
      belowSinceNanos = now;
    }
    if (now - belowSinceNanos >= RECOVERY_NANOS) {
      overloaded = false;
    }
  }

  private boolean overloadedWithin(long nanos, long now) {
    long at = overloadedAtNanos;
    return at != NONE && now - at < nanos;
  }

  // --- effect on requests

  /// Whether to reject new requests.
  public boolean overloaded() {
    return overloaded;
  }

  /// Whether the loop is late now, or was at its last tick.
  public boolean late() {
    return nanoTime.getAsLong() - lastTickNanos > LATE_NANOS
        || lastTickNanos - tickBeforeNanos > LATE_NANOS;
  }

  /// When bytes that are read now arrived.
  ///
  /// @param earliestNanos earliest possible arrival
  public long arrivedNanos(long earliestNanos) {
    if (!late()) {
      return nanoTime.getAsLong();
    }
    return tickBeforeNanos - earliestNanos > 0 ? tickBeforeNanos : earliestNanos;
  }

  /// Whether the loop has read bytes at most once since this time.
  public boolean justNow(long nanos) {
    return nanos - tickBeforeNanos >= 0;
  }

  /// Records an admitted request.
  public void admitted() {
    drainEstimator.left(1);
  }

  /// Records a rejected request.
  ///
  /// @return when to retry: the time in which all recently rejected requests can be admitted at the
  ///   current rate
  public long refused() {
    shed.increment();
    drainEstimator.refused(1);
    return drainEstimator.nanosUntilRoom();
  }

  /// Records a client that disconnected before its request was read.
  public void clientLeft() {
    clientsLeft.increment();
  }

  // --- metrics

  /// The smoothed lag of the loop.
  public long lagNanos() {
    return lagNanos;
  }

  /// Whether the loop was overloaded within the last 30 seconds.
  public boolean recentlyOverloaded() {
    return overloadedWithin(RECENT_NANOS, nanoTime.getAsLong());
  }

  /// Requests rejected because the loop was overloaded.
  public long shed() {
    return shed.sum();
  }

  /// Requests dropped because their clients disconnected.
  public long clientsLeft() {
    return clientsLeft.sum();
  }
}
