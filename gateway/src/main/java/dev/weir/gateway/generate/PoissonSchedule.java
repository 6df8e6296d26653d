// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.generate;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// Arrival times of generated requests: a Poisson process, so that they cannot synchronise with a
/// rhythm of the engine. Used on one thread.
public final class PoissonSchedule {
  /// A late thread catches up by at most this much; older arrivals are skipped.
  private static final long MAX_BEHIND_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final double NANOS_PER_SECOND = 1e9;

  private double rate;
  private long nextNanos;

  /// @param perSecond above 0
  public PoissonSchedule(long nowNanos, double perSecond, RandomGenerator random) {
    restart(nowNanos, perSecond, random);
  }

  /// The process is memoryless, so it may restart at any time when the rate changes.
  private void restart(long nowNanos, double perSecond, RandomGenerator random) {
    rate = perSecond;
    nextNanos = nowNanos + gap(perSecond, random);
  }

  /// Whether an arrival is due; if so, it is consumed.
  ///
  /// @param perSecond current rate, above 0
  public boolean due(long nowNanos, double perSecond, RandomGenerator random) {
    if (perSecond != rate) {
      restart(nowNanos, perSecond, random);
    }
    if (nowNanos - nextNanos < 0) {
      return false;
    }
    nextNanos = Math.max(nextNanos, nowNanos - MAX_BEHIND_NANOS) + gap(perSecond, random);
    return true;
  }

  private static long gap(double perSecond, RandomGenerator random) {
    return (long) (random.nextExponential() / perSecond * NANOS_PER_SECOND);
  }
}
