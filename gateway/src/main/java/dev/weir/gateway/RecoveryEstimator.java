// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// Tracks how long something that requests need has been missing, and how long earlier outages
/// lasted, to compute `Retry-After`. Shared by all event loops without blocking.
///
/// What came back before is expected back when the mean time is over, the newest with a quarter of
/// the weight. Where that is not known, or longer ago, it is expected to be missing for as long
/// again as it has been.
final class RecoveryEstimator {
  /// The very first snapshot.
  static final String SNAPSHOT = "snapshot";

  private static final int NEWEST = 4;

  /// What is gone from the snapshot is remembered for a restart of control that forgot it.
  private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final LongSupplier nanoTime;
  private final Map<String, State> states = new ConcurrentHashMap<>();

  private sealed interface State {
    State at(boolean present, long nowNanos);
  }

  /// @param meanNanos of its absences so far, 0 while there was none
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
      return new Present(meanNanos == 0 ? lasted : meanNanos + (lasted - meanNanos) / NEWEST);
    }

    long nanosLeft(long nowNanos) {
      long lasted = nowNanos - sinceNanos;
      return meanNanos > lasted ? meanNanos - lasted : lasted;
    }
  }

  RecoveryEstimator(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// Whether it is there now.
  void look(String what, boolean present) {
    long now = nanoTime.getAsLong();
    states.compute(what, (_, known) -> (known == null ? new Present(0) : known).at(present, now));
  }

  /// It is missing now: how much longer it is expected to be.
  long nanosLeft(String what) {
    look(what, /* present= */ false);
    return states.get(what) instanceof Absent absent ? absent.nanosLeft(nanoTime.getAsLong()) : 0;
  }

  /// Forgets what nobody needs any more; call it every second or so.
  void sweep(Predicate<String> needed) {
    long now = nanoTime.getAsLong();
    states
        .entrySet()
        .removeIf(entry ->
            !needed.test(entry.getKey())
                && !(entry.getValue() instanceof Absent absent
                    && now - absent.sinceNanos < KEPT_NANOS));
  }
}
