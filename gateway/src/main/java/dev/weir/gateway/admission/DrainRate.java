// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.gateway.exchange.load.RecentCount;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// How fast a service's requests end, and how long first tokens take. Means are exponentially
/// weighted; the newest value has a weight of 1/16. Shared by all event loops without blocking.
final class DrainRate {
  private static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final double NEWEST_WEIGHT = 1.0 / 16;

  private final LongSupplier nanoTime;
  private final RecentCount ends;
  private final AtomicLong heldNanos = new AtomicLong();
  private final AtomicLong firstTokenNanos = new AtomicLong();
  private final Map<String, Replica> replicas = new ConcurrentHashMap<>();

  /// First-token latency at one replica.
  private static final class Replica {
    private final AtomicLong meanNanos = new AtomicLong();
    private volatile long seenNanos;
  }

  DrainRate(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.ends = new RecentCount(nanoTime);
  }

  /// A request ended.
  ///
  /// @param nanos for which it held its slot
  void ended(long nanos) {
    ends.add(1);
    mean(heldNanos, nanos);
  }

  /// A first token arrived.
  ///
  /// @param replica that sent it
  void firstToken(String replica, long nanos) {
    mean(firstTokenNanos, nanos);
    at(replica, nanos);
  }

  /// No first token arrived in time. Its latency is only a lower bound, so it counts for its
  /// replica alone.
  void noFirstToken(String replica, long nanos) {
    at(replica, nanos);
  }

  private void at(String replica, long nanos) {
    Replica known = replicas.computeIfAbsent(replica, _ -> new Replica());
    mean(known.meanNanos, nanos);
    known.seenNanos = nanoTime.getAsLong();
  }

  /// First-token latency of the fastest replica among those with values in the last ten seconds, so
  /// that one hung replica does not distort it. 0 while unknown.
  long soonestFirstTokenNanos() {
    long oldest = nanoTime.getAsLong() - RECENT_NANOS;
    replicas.values().removeIf(replica -> replica.seenNanos - oldest < 0);
    return replicas.values().stream().mapToLong(r -> r.meanNanos.get()).min().orElse(0);
  }

  /// Mean time from departure to the first token; 0 while unknown.
  long firstTokenNanos() {
    return firstTokenNanos.get();
  }

  /// Expected requests per second that end while others wait. This is the larger of the measured
  /// rate and the slots divided by the mean holding time, because under low load few requests end
  /// only because few arrive.
  ///
  /// @param slots 0 for no limit
  /// @return 0 while unknown
  double perSecond(int slots) {
    double measured = ends.sum() * 1e9 / ends.nanos();
    long held = heldNanos.get();
    return Math.max(measured, held == 0 ? 0 : slots * 1e9 / held);
  }

  private static void mean(AtomicLong mean, long nanos) {
    mean.updateAndGet(old ->
        old == 0 ? Math.max(1, nanos) : Math.max(1, (long) (old + (nanos - old) * NEWEST_WEIGHT)));
  }
}
