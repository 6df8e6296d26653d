// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/// How late one event loop is, measured by a tick on the loop itself, and whether the loop is
/// overloaded.
///
/// The loop is overloaded when every tick of three seconds, and at least three in a row, was late
/// by more than a second. Answers of models take seconds, so a client is better served by a second
/// more than by a refusal. One or two late ticks (a collection of garbage, classes that are loaded)
/// are no overload, however late they are. The overload ends after half a second of ticks that are
/// not late. An overload that returns within five seconds is recognised after one second.
///
/// The kernel does not say when bytes arrived, so [#arrivedNanos] estimates it. Bytes that are read
/// now were not there at the poll before the last one, and each iteration of a late loop runs one
/// tick: hence they arrived after the tick before the last one. The estimate is never later than
/// the arrival while the loop is late. While the loop is not late it is the moment of reading,
/// which is at most 100 ms after the arrival. What an engine or a client sent before it was
/// received by this machine's kernel is not known at all.
///
/// Event loop only, except for what metrics read.
public final class LoopLag {
  /// Time between two ticks of a loop that is not late.
  public static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long LATE_NANOS = 2 * TICK_NANOS;
  private static final long TARGET_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final int FEWEST_LATE = 3;
  private static final long CALM_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long RELAPSE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int NEWEST = 4;
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

  /// To be called on the loop, [#TICK_NANOS] after the last call.
  ///
  /// @param waitingNanos age of the oldest request that waits for the loop to read it, else 0
  public void tick(long waitingNanos) {
    long now = nanoTime.getAsLong();
    long late = Math.max(0, now - lastTickNanos - TICK_NANOS);
    tickBeforeNanos = lastTickNanos;
    lastTickNanos = now;
    judge(Math.max(late, waitingNanos), now);
  }

  private void judge(long lateNanos, long now) {
    long before = lagNanos;
    lagNanos = before + (lateNanos - before) / NEWEST;
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
    if (lasts(now)) {
      overloaded = true;
    }
  }

  private boolean lasts(long now) {
    boolean relapse = overloadedWithin(RELAPSE_NANOS, now);
    return now - aboveSinceNanos >= (relapse ? TARGET_NANOS : INTERVAL_NANOS)
        && (relapse || lateInARow >= FEWEST_LATE);
  }

  private void below(long now) {
    aboveSinceNanos = NONE;
    lateInARow = 0;
    if (belowSinceNanos == NONE) {
      belowSinceNanos = now;
    }
    if (now - belowSinceNanos >= CALM_NANOS) {
      overloaded = false;
    }
  }

  private boolean overloadedWithin(long nanos, long now) {
    long at = overloadedAtNanos;
    return at != NONE && now - at < nanos;
  }

  // --- what it means for requests

  /// Whether new requests are to be refused.
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
  /// @param earliestNanos before which they cannot have arrived
  public long arrivedNanos(long earliestNanos) {
    if (!late()) {
      return nanoTime.getAsLong();
    }
    return tickBeforeNanos - earliestNanos > 0 ? tickBeforeNanos : earliestNanos;
  }

  /// Whether this moment is so recent that the loop has read bytes at most once since then.
  public boolean justNow(long nanos) {
    return nanos - tickBeforeNanos >= 0;
  }

  /// A request is let in.
  public void admitted() {
    drainEstimator.left(1);
  }

  /// A request is refused.
  ///
  /// @return when to come back: how long all requests that were refused lately take to be let in,
  ///   at the rate of those that were let in
  public long refused() {
    shed.increment();
    drainEstimator.refused(1);
    return drainEstimator.nanosUntilRoom();
  }

  /// A client left before its request was read.
  public void clientLeft() {
    clientsLeft.increment();
  }

  // --- what metrics show

  /// How late the loop is, smoothed.
  public long lagNanos() {
    return lagNanos;
  }

  /// Whether the loop was overloaded within the last half minute.
  public boolean recentlyOverloaded() {
    return overloadedWithin(RECENT_NANOS, nanoTime.getAsLong());
  }

  /// Requests that were refused because the loop was overloaded.
  public long shed() {
    return shed.sum();
  }

  /// Requests that were dropped because their clients had left.
  public long clientsLeft() {
    return clientsLeft.sum();
  }
}
