// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.generate;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// The moments of one stream of generated requests: a Poisson process, so that no rhythm of an
/// engine falls in with them. Used on one thread.
public final class PoissonSchedule {
  /// Of a thread that was late, so much is made up for; the rest is never asked.
  private static final long MOST_BEHIND_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final double NANOS_PER_SECOND = 1e9;

  private double rate;
  private long nextNanos;

  /// @param perSecond above 0
  public PoissonSchedule(long nowNanos, double perSecond, RandomGenerator random) {
    begin(nowNanos, perSecond, random);
  }

  /// A process without memory: at another rate it may begin anew at any moment.
  private void begin(long nowNanos, double perSecond, RandomGenerator random) {
    rate = perSecond;
    nextNanos = nowNanos + gap(perSecond, random);
  }

  /// Whether one is due; if so it is taken.
  ///
  /// @param perSecond at present, above 0
  public boolean due(long nowNanos, double perSecond, RandomGenerator random) {
    if (perSecond != rate) {
      begin(nowNanos, perSecond, random);
    }
    if (nowNanos - nextNanos < 0) {
      return false;
    }
    nextNanos = Math.max(nextNanos, nowNanos - MOST_BEHIND_NANOS) + gap(perSecond, random);
    return true;
  }

  private static long gap(double perSecond, RandomGenerator random) {
    return (long) (random.nextExponential() / perSecond * NANOS_PER_SECOND);
  }
}
