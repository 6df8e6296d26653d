// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.engine.BatchScheduler;
import dev.weir.simulator.engine.EngineStep;
import dev.weir.simulator.engine.Sequence;
import dev.weir.simulator.metrics.EngineMetrics;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.LinkedHashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Runs the [BatchScheduler] in real time with one timer on the event loop, set to the next token
/// or the end of the step; there is no timer while there is nothing to compute. Flushes the output
/// of one run once at its end.
///
/// Steps follow each other on ideal time instead of the timer's time, so that timer delays do not
/// add up.
final class EngineLoop {
  /// Tokens that are due within this time are delivered with the current run, to reduce wake-ups.
  private static final long COALESCE_NANOS = 300_000;

  /// Maximum lag: an overloaded machine drops the time beyond it instead of catching up.
  private static final long LAG_NANOS_MAX = 20_000_000;

  private final BatchScheduler scheduler;
  private final EngineMetrics metrics;
  private final EventExecutor loop;
  private final LongSupplier nanoTime;
  private final Set<Runnable> flushes = new LinkedHashSet<>();
  private @Nullable EngineStep step;
  private int delivered;
  private boolean turning;
  private @Nullable ScheduledFuture<?> timer;
  private long timerNanos;

  EngineLoop(
      BatchScheduler scheduler, EngineMetrics metrics, EventExecutor loop, LongSupplier nanoTime) {
    this.scheduler = scheduler;
    this.metrics = metrics;
    this.loop = loop;
    this.nanoTime = nanoTime;
  }

  /// Accepts a sequence; returns false if too many wait.
  boolean submit(Sequence sequence) {
    boolean taken = scheduler.submit(sequence, nanoTime.getAsLong());
    if (taken && !turning) {
      scheduleNext();
    }
    return taken;
  }

  void remove(Sequence sequence) {
    scheduler.remove(sequence);
  }

  /// Runs `flush` once at the end of the current run, or now if none is active.
  void flushLater(Runnable flush) {
    if (turning) {
      flushes.add(flush);
    } else {
      flush.run();
    }
  }

  EngineMetrics.Gauges gauges() {
    return new EngineMetrics.Gauges(
        scheduler.runningCount(),
        scheduler.waitingCount(),
        scheduler.kvUsage(),
        scheduler.preemptions());
  }

  private void turn() {
    timer = null;
    turning = true;
    long now = nanoTime.getAsLong();
    while (deliver(now + COALESCE_NANOS) && startStep(now)) {}
    turning = false;
    flushes.forEach(Runnable::run);
    flushes.clear();
    scheduleNext();
  }

  /// Delivers due tokens; returns true at the end of the step.
  private boolean deliver(long untilNanos) {
    EngineStep current = step;
    if (current == null) {
      return true;
    }
    while (delivered < current.emissions().size()) {
      EngineStep.Emission emission = current.emissions().get(delivered);
      if (emission.atNanos() > untilNanos) {
        return false;
      }
      delivered++;
      if (emission.sequence().state() != Sequence.State.GONE) {
        emission.sequence().sink().token(emission.index(), emission.last());
      }
    }
    return current.endNanos() <= untilNanos;
  }

  private boolean startStep(long now) {
    long start = step == null ? now : Math.max(step.endNanos(), now - LAG_NANOS_MAX);
    step = scheduler.nextStep(start).orElse(null);
    delivered = 0;
    if (step == null) {
      return false;
    }
    metrics.step(step.batchedTokens());
    return true;
  }

  private void scheduleNext() {
    OptionalLong next = nextNanos();
    if (next.isEmpty() || (timer != null && timerNanos <= next.getAsLong())) {
      return;
    }
    if (timer != null) {
      timer.cancel(false);
    }
    timerNanos = next.getAsLong();
    long delay = Math.max(0, timerNanos - nanoTime.getAsLong());
    timer = loop.schedule(this::turn, delay, TimeUnit.NANOSECONDS);
  }

  private OptionalLong nextNanos() {
    if (step == null) {
      return scheduler.nextArrivalNanos();
    }
    return OptionalLong.of(
        delivered < step.emissions().size()
            ? step.emissions().get(delivered).atNanos()
            : step.endNanos());
  }
}
