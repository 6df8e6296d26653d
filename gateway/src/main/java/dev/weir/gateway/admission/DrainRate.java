// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.gateway.exchange.RecentCount;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// How fast a service's requests end, and how long the first token takes. Means are exponentially
/// weighted, the newest with 1/16. Shared by all event loops without blocking.
final class DrainRate {
  private static final long HEARD_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final double NEWEST = 1.0 / 16;

  private final LongSupplier nanoTime;
  private final RecentCount ends;
  private final AtomicLong heldNanos = new AtomicLong();
  private final AtomicLong firstTokenNanos = new AtomicLong();
  private final Map<String, Replica> replicas = new ConcurrentHashMap<>();

  /// What first tokens take at one replica.
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
  /// @param nanos that it held its place
  void ended(long nanos) {
    ends.add(1);
    mean(heldNanos, nanos);
  }

  /// A first token came.
  ///
  /// @param replica that it came from
  void firstToken(String replica, long nanos) {
    mean(firstTokenNanos, nanos);
    at(replica, nanos);
  }

  /// No first token came in time. It is known to be late, not how late; so it counts for its
  /// replica alone.
  void noFirstToken(String replica, long nanos) {
    at(replica, nanos);
  }

  private void at(String replica, long nanos) {
    Replica known = replicas.computeIfAbsent(replica, _ -> new Replica());
    mean(known.meanNanos, nanos);
    known.seenNanos = nanoTime.getAsLong();
  }

  /// What first tokens take at the replica where they come soonest, of those heard of in the last
  /// ten seconds: one that hangs says nothing of the others. 0 while unknown.
  long soonestFirstTokenNanos() {
    long oldest = nanoTime.getAsLong() - HEARD_NANOS;
    replicas.values().removeIf(replica -> replica.seenNanos - oldest < 0);
    return replicas.values().stream().mapToLong(r -> r.meanNanos.get()).min().orElse(0);
  }

  /// From departure to the first token; 0 while unknown.
  long firstTokenNanos() {
    return firstTokenNanos.get();
  }

  /// Requests per second that may be expected to leave while somebody waits: what was measured, or
  /// what the places give when each is held for the mean time, whichever is more (in a quiet time
  /// few leave because few came).
  ///
  /// @param places 0 for no bound
  /// @return 0 while unknown
  double perSecond(int places) {
    double measured = ends.sum() * 1e9 / ends.nanos();
    long held = heldNanos.get();
    return Math.max(measured, held == 0 ? 0 : places * 1e9 / held);
  }

  private static void mean(AtomicLong mean, long nanos) {
    mean.updateAndGet(
        old -> old == 0 ? Math.max(1, nanos) : Math.max(1, (long) (old + (nanos - old) * NEWEST)));
  }
}
