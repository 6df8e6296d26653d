// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.snapshot.RequestSource;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An open arrival slice. It accepts only requests drawn under its own [Key], so a slice never
/// mixes weights, whatever is swapped in the meantime.
///
/// Both counts and the closed flag share one atomic long, so a request is either in the final
/// counts or is rejected because the slice is closed.
final class OpenSlice {
  private static final long CLOSED = Long.MIN_VALUE;
  private static final long ONE_CANARY = 1L << 31;
  private static final long ARM_MASK = ONE_CANARY - 1;

  /// What its requests were drawn under.
  ///
  /// @param weightMillionths of the draw: 0 if the lease had expired
  /// @param stratum source of its requests
  record Key(Arm stable, CanaryArm canary, int weightMillionths, RequestSource stratum) {
    static Key of(ServiceEntry service, CanaryArm canary, int weightMillionths) {
      return new Key(service.stable(), canary, weightMillionths, RequestSource.CLIENTS);
    }

    /// For requests that both versions answer.
    static Key mirrored(ServiceEntry service, CanaryArm canary) {
      return new Key(service.stable(), canary, Generated.HALF_MILLIONTHS, RequestSource.MIRRORED);
    }

    /// For generated requests.
    static Key generated(ServiceEntry service, CanaryArm canary) {
      return new Key(
          service.stable(), canary, Generated.HALF_MILLIONTHS, canary.generated().stratum());
    }

    static Key of(VersionDecision decision) {
      return new Key(
          decision.service().stable(),
          decision.rollout().orElseThrow(),
          decision.weightMillionths(),
          decision.stratum());
    }
  }

  private final Key key;
  private final long number;
  private final long snapshotSequence;
  private final long startNanos;
  private final long startMillis;
  private final AtomicLong state = new AtomicLong();
  private volatile IndexedSnapshot lastSnapshot;
  private volatile @Nullable FastWindow window;

  OpenSlice(Key key, long number, IndexedSnapshot current, long startNanos, long startMillis) {
    this.key = key;
    this.number = number;
    this.snapshotSequence = current.sequence();
    this.startNanos = startNanos;
    this.startMillis = startMillis;
    this.lastSnapshot = current;
  }

  Key key() {
    return key;
  }

  long number() {
    return number;
  }

  long startNanos() {
    return startNanos;
  }

  /// The window that accepts arrivals now; a new one is passed to `opened`.
  FastWindow window(SteadyClock clock, Consumer<FastWindow> opened) {
    FastWindow now = window;
    return now != null && now.accepts(clock.nanos()) ? now : nextWindow(clock, opened);
  }

  private synchronized FastWindow nextWindow(SteadyClock clock, Consumer<FastWindow> opened) {
    FastWindow now = window;
    if (now != null && now.accepts(clock.nanos())) {
      return now;
    }
    FastWindow next = new FastWindow(key, clock.nanos(), clock.millis());
    opened.accept(next);
    window = next;
    return next;
  }

  /// A quick check by identity: the same snapshot, weight and stratum imply the same key. False is
  /// inconclusive.
  boolean quickMatch(IndexedSnapshot current, int weightMillionths, RequestSource stratum) {
    return lastSnapshot == current
        && key.weightMillionths() == weightMillionths
        && key.stratum() == stratum;
  }

  /// Remembers a newer snapshot with the same key for this service.
  void observe(IndexedSnapshot current) {
    if (current.sequence() > lastSnapshot.sequence()) {
      lastSnapshot = current;
    }
  }

  /// Counts an arrival; returns its index within the slice, or -1 if the slice is closed.
  int tryArrive(boolean canary) {
    return tryCount(canary ? ONE_CANARY : 1);
  }

  /// Counts both halves of a mirrored request; returns the index of the stable version's half,
  /// which the canary's follows, or -1 if the slice is closed.
  int tryArrivePair() {
    return tryCount(ONE_CANARY + 1);
  }

  private int tryCount(long more) {
    while (true) {
      long counts = state.get();
      if (counts < 0) {
        return -1;
      }
      if (state.compareAndSet(counts, counts + more)) {
        return canaries(counts) + baselines(counts);
      }
    }
  }

  /// Closes the slice permanently.
  ArrivalSlice close(long endMillis) {
    long counts = state.getAndUpdate(c -> c | CLOSED) & ~CLOSED;
    return new ArrivalSlice(
        key.canary().rollout(),
        key.canary().step(),
        number,
        snapshotSequence,
        key.weightMillionths(),
        startMillis,
        endMillis,
        key.stratum(),
        canaries(counts),
        baselines(counts));
  }

  private static int canaries(long counts) {
    return (int) (counts >>> 31);
  }

  private static int baselines(long counts) {
    return (int) (counts & ARM_MASK);
  }
}
