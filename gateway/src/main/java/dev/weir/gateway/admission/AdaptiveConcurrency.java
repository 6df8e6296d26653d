// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import java.util.concurrent.TimeUnit;

/// How many requests a service's engines may be given at one time, learnt from when first tokens
/// come: an engine takes whatever it is sent and lets it queue, until every answer comes too late.
///
/// Nothing is limited until first tokens take more than half of their deadline *and* more than
/// twice what they took at best (an engine that is slow by nature gets no faster with less to do).
/// Then what runs is cut in proportion to how much too late they come (they wait behind what runs),
/// by a tenth at least and a half at most, and the limit moves by additive increase and
/// multiplicative decrease (Chiu and Jain, 1989), each time only after what it did before can be
/// seen. Half the deadline is left for waiting in order of priority and share, which engines know
/// nothing of.
///
/// Looked after by one thread; the limit may be read by any.
final class AdaptiveConcurrency {
  private static final double LEAST_CUT = .9;
  private static final double GREATEST_CUT = .5;
  private static final double RAISE = .05;

  /// First tokens may take so many times their best before the load is called the reason.
  private static final double AT_LEAST_TIMES_BEST = 2;

  private static final long LEAST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// So long a limit is kept that nothing comes near any more.
  private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(30);

  /// Of the way from the best to the present that the best forgets in a second, while nothing is
  /// limited: it is an hour's, not a life's.
  private static final double FORGOTTEN_PER_SECOND = .001;

  private volatile int limit;
  private double bestNanos;
  private long lookedNanos;
  private long changedNanos;
  private long neededNanos;

  AdaptiveConcurrency(long nowNanos) {
    lookedNanos = nowNanos;
    changedNanos = nowNanos - KEPT_NANOS;
    neededNanos = nowNanos;
  }

  /// Requests at one time; 0 while there is no limit.
  int limit() {
    return limit;
  }

  /// Looks at how things go; call it several times a second.
  ///
  /// @param running requests that hold a place
  /// @param waiting whether somebody waits for one
  /// @param firstTokenNanos what first tokens take now, 0 while unknown
  /// @param deadlineNanos what they may take
  void look(long nowNanos, int running, boolean waiting, long firstTokenNanos, long deadlineNanos) {
    if (firstTokenNanos == 0 || deadlineNanos == 0) {
      return;
    }
    learnBest(nowNanos, firstTokenNanos);
    if (waiting || running > limit / 2) {
      neededNanos = nowNanos;
    }
    if (nowNanos - changedNanos < Math.max(LEAST_PAUSE_NANOS, firstTokenNanos)) {
      return;
    }
    if (isTooSlow(firstTokenNanos, deadlineNanos)) {
      int from = limit == 0 ? running : Math.min(limit, running);
      double kept = deadlineNanos / 2.0 / firstTokenNanos;
      change(nowNanos, Math.max(1, (int) (from * Math.clamp(kept, GREATEST_CUT, LEAST_CUT))));
    } else if (limit > 0 && nowNanos - neededNanos > KEPT_NANOS) {
      change(nowNanos, 0);
    } else if (limit > 0 && waiting && firstTokenNanos < deadlineNanos / 4) {
      change(nowNanos, limit + Math.max(1, (int) (RAISE * limit)));
    }
  }

  private boolean isTooSlow(long firstTokenNanos, long deadlineNanos) {
    return firstTokenNanos > deadlineNanos / 2 && firstTokenNanos > AT_LEAST_TIMES_BEST * bestNanos;
  }

  private void learnBest(long nowNanos, long firstTokenNanos) {
    double seconds = (nowNanos - lookedNanos) / 1e9;
    lookedNanos = nowNanos;
    if (bestNanos == 0 || firstTokenNanos < bestNanos) {
      bestNanos = firstTokenNanos;
    } else if (limit == 0) {
      bestNanos += (firstTokenNanos - bestNanos) * Math.min(1, FORGOTTEN_PER_SECOND * seconds);
    }
  }

  private void change(long nowNanos, int next) {
    limit = next;
    changedNanos = nowNanos;
  }
}
