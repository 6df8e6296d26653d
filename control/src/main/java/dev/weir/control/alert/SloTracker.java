// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.observation.ControlClock;
import dev.weir.snapshot.LatencyBuckets;
import dev.weir.snapshot.Telemetry.ReplicaSlice;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// Counts failed attempts and late first tokens of each Service, from the slices that gateways
/// send. In memory only. Thread-safe.
final class SloTracker {
  /// Short windows have bins of 10 s, long windows bins of 5 min.
  private static final long FINE_MILLIS = 10_000;

  private static final int FINE_BINS = 30;
  private static final long COARSE_MILLIS = 300_000;
  private static final int COARSE_BINS = 73;
  private static final int MAX_SERVICES = 20_000;

  private final ControlClock clock;
  private final Function<String, Duration> firstTokenWithin;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, RecentCounts> byService = new HashMap<>();

  /// Counts over a window.
  record Counts(long attempts, long failed, long firstTokens, long late) {
    static final Counts NONE = new Counts(0, 0, 0, 0);

    Counts plus(Counts other) {
      return new Counts(
          attempts + other.attempts,
          failed + other.failed,
          firstTokens + other.firstTokens,
          late + other.late);
    }
  }

  /// A ring of counts by time.
  private static final class Ring {
    private final long binMillis;
    private final Counts[] bins;
    private final long[] epochs;

    Ring(long binMillis, int size) {
      this.binMillis = binMillis;
      this.bins = new Counts[size];
      this.epochs = new long[size];
    }

    void add(long millis, Counts counts) {
      long epoch = millis / binMillis;
      int index = (int) (epoch % bins.length);
      bins[index] =
          epochs[index] == epoch && bins[index] != null ? bins[index].plus(counts) : counts;
      epochs[index] = epoch;
    }

    Counts last(long millis, Duration window) {
      long newest = millis / binMillis;
      long oldest = newest - window.toMillis() / binMillis + 1;
      Counts sum = Counts.NONE;
      for (int i = 0; i < bins.length; i++) {
        if (bins[i] != null && epochs[i] >= oldest && epochs[i] <= newest) {
          sum = sum.plus(bins[i]);
        }
      }
      return sum;
    }
  }

  private static final class RecentCounts {
    private final Ring fine = new Ring(FINE_MILLIS, FINE_BINS);
    private final Ring coarse = new Ring(COARSE_MILLIS, COARSE_BINS);
  }

  /// @param firstTokenWithin the time limit for first tokens of a Service (`namespace/name`)
  SloTracker(ControlClock clock, Function<String, Duration> firstTokenWithin) {
    this.clock = clock;
    this.firstTokenWithin = firstTokenWithin;
  }

  void add(List<ReplicaSlice> slices) {
    Map<String, Counts> sums = new TreeMap<>();
    for (ReplicaSlice slice : slices) {
      sums.merge(slice.service(), counts(slice), Counts::plus);
    }
    lock.lock();
    try {
      sums.forEach(this::add);
    } finally {
      lock.unlock();
    }
  }

  private void add(String service, Counts counts) {
    if (!byService.containsKey(service) && byService.size() >= MAX_SERVICES) {
      return;
    }
    RecentCounts recentCounts = byService.computeIfAbsent(service, key -> new RecentCounts());
    recentCounts.fine.add(clock.millis(), counts);
    recentCounts.coarse.add(clock.millis(), counts);
  }

  private Counts counts(ReplicaSlice slice) {
    long failed = slice.failure() + slice.backpressure();
    int within =
        LatencyBuckets.indexOfMicros(firstTokenWithin.apply(slice.service()).toNanos() / 1_000);
    long all = 0;
    long late = 0;
    for (Map.Entry<Integer, Long> bucket : slice.firstTokens().entrySet()) {
      all += bucket.getValue();
      late += bucket.getKey() > within ? bucket.getValue() : 0;
    }
    return new Counts(slice.success() + failed, failed, all, late);
  }

  /// The Services with counts.
  Set<String> services() {
    lock.lock();
    try {
      return Set.copyOf(byService.keySet());
    } finally {
      lock.unlock();
    }
  }

  /// The counts of the last `window`.
  Counts last(String service, Duration window) {
    lock.lock();
    try {
      RecentCounts recentCounts = byService.get(service);
      if (recentCounts == null) {
        return Counts.NONE;
      }
      boolean fine = window.toMillis() <= FINE_MILLIS * FINE_BINS;
      return (fine ? recentCounts.fine : recentCounts.coarse).last(clock.millis(), window);
    } finally {
      lock.unlock();
    }
  }

  /// Removes all Services that are not in the set.
  void retain(Set<String> services) {
    lock.lock();
    try {
      byService.keySet().retainAll(services);
    } finally {
      lock.unlock();
    }
  }
}
