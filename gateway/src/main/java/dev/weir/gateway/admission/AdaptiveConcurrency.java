// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import java.util.concurrent.TimeUnit;

/// Learns from first-token latency how many requests a service's engines can run concurrently. An
/// engine accepts whatever it is sent and queues it internally, until every answer is too late.
///
/// There is no limit until first tokens take more than half of their deadline *and* more than twice
/// their best latency (an engine that is inherently slow does not get faster with less load). Then
/// the number of running requests is reduced in proportion to the latency, by at least a tenth and
/// at most a half. Afterwards the limit follows additive increase and multiplicative decrease (Chiu
/// and Jain, 1989); each change waits until the effect of the previous one is visible. The other
/// half of the deadline is left for queueing by priority and share, which engines do not know
/// about.
///
/// Updated by one thread; any thread may read the limit.
final class AdaptiveConcurrency {
  private static final double MIN_CUT = .9;
  private static final double MAX_CUT = .5;
  private static final double RAISE = .05;

  /// Load is considered the cause only when first tokens take this multiple of their best latency.
  private static final double OVERLOAD_FACTOR = 2;

  private static final long MIN_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// A limit is removed after it was not needed for this long.
  private static final long UNUSED_NANOS = TimeUnit.SECONDS.toNanos(30);

  /// While there is no limit, the best latency moves towards the current one by this fraction per
  /// second, so that it reflects about the last hour.
  private static final double BEST_DECAY_PER_SECOND = .001;

  private volatile int limit;
  private double bestNanos;
  private long updatedNanos;
  private long changedNanos;
  private long neededNanos;

  AdaptiveConcurrency(long nowNanos) {
    updatedNanos = nowNanos;
    changedNanos = nowNanos - UNUSED_NANOS;
    neededNanos = nowNanos;
  }

  /// Maximum concurrent requests; 0 while there is no limit.
  int limit() {
    return limit;
  }

  /// Updates the limit; call it several times a second.
  ///
  /// @param running requests that hold a slot
  /// @param waiting whether a request waits for a slot
  /// @param firstTokenNanos current first-token latency, 0 while unknown
  /// @param deadlineNanos first-token timeout
  void update(
      long nowNanos, int running, boolean waiting, long firstTokenNanos, long deadlineNanos) {
    if (firstTokenNanos == 0 || deadlineNanos == 0) {
      return;
    }
    learnBest(nowNanos, firstTokenNanos);
    if (waiting || running > limit / 2) {
      neededNanos = nowNanos;
    }
    if (nowNanos - changedNanos < Math.max(MIN_PAUSE_NANOS, firstTokenNanos)) {
      return;
    }
    if (isTooSlow(firstTokenNanos, deadlineNanos)) {
      int from = limit == 0 ? running : Math.min(limit, running);
      double factor = deadlineNanos / 2.0 / firstTokenNanos;
      change(nowNanos, Math.max(1, (int) (from * Math.clamp(factor, MAX_CUT, MIN_CUT))));
    } else if (limit > 0 && nowNanos - neededNanos > UNUSED_NANOS) {
      change(nowNanos, 0);
    } else if (limit > 0 && waiting && firstTokenNanos < deadlineNanos / 4) {
      change(nowNanos, limit + Math.max(1, (int) (RAISE * limit)));
    }
  }

  private boolean isTooSlow(long firstTokenNanos, long deadlineNanos) {
    return firstTokenNanos > deadlineNanos / 2 && firstTokenNanos > OVERLOAD_FACTOR * bestNanos;
  }

  private void learnBest(long nowNanos, long firstTokenNanos) {
    double seconds = (nowNanos - updatedNanos) / 1e9;
    updatedNanos = nowNanos;
    if (bestNanos == 0 || firstTokenNanos < bestNanos) {
      bestNanos = firstTokenNanos;
    } else if (limit == 0) {
      bestNanos += (firstTokenNanos - bestNanos) * Math.min(1, BEST_DECAY_PER_SECOND * seconds);
    }
  }

  private void change(long nowNanos, int next) {
    limit = next;
    changedNanos = nowNanos;
  }
}
