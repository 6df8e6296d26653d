// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.load;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// Tracks how long something that requests need has been missing, and how long earlier outages
/// lasted, to compute `Retry-After`. Shared by all event loops without blocking.
///
/// After earlier outages, recovery is expected at their mean duration, an average in which the
/// newest has a weight of a quarter. Without earlier outages, or after the mean has passed, the
/// remaining time is estimated as the time elapsed so far.
public final class RecoveryEstimator {
  /// The first snapshot.
  public static final String SNAPSHOT = "snapshot";

  private static final int NEWEST_WEIGHT_DIVISOR = 4;

  /// State of removed items is retained for this long, in case a restarted control plane has
  /// temporarily lost them.
  private static final long RETENTION_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final LongSupplier nanoTime;
  private final Map<String, State> states = new ConcurrentHashMap<>();

  private sealed interface State {
    State at(boolean present, long nowNanos);
  }

  /// @param meanNanos of its absences so far, 0 if there were none
  private record Present(long meanNanos) implements State {
    @Override
    public State at(boolean present, long nowNanos) {
      return present ? this : new Absent(meanNanos, nowNanos);
    }
  }

  private record Absent(long meanNanos, long sinceNanos) implements State {
    @Override
    public State at(boolean present, long nowNanos) {
      if (!present) {
        return this;
      }
      long lasted = nowNanos - sinceNanos;
      return new Present(
          meanNanos == 0 ? lasted : meanNanos + (lasted - meanNanos) / NEWEST_WEIGHT_DIVISOR);
    }

    long nanosLeft(long nowNanos) {
      long lasted = nowNanos - sinceNanos;
      return meanNanos > lasted ? meanNanos - lasted : lasted;
    }
  }

  public RecoveryEstimator(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// Records whether it is present now.
  public void observe(String what, boolean present) {
    long now = nanoTime.getAsLong();
    states.compute(what, (_, known) -> (known == null ? new Present(0) : known).at(present, now));
  }

  /// It is missing now: returns the expected remaining nanoseconds.
  public long nanosLeft(String what) {
    observe(what, /* present= */ false);
    return states.get(what) instanceof Absent absent ? absent.nanosLeft(nanoTime.getAsLong()) : 0;
  }

  /// Removes state that is no longer needed; call it every second or so.
  public void sweep(Predicate<String> needed) {
    long now = nanoTime.getAsLong();
    states
        .entrySet()
        .removeIf(entry ->
            !needed.test(entry.getKey())
                && !(entry.getValue() instanceof Absent absent
                    && now - absent.sinceNanos < RETENTION_NANOS));
  }
}
