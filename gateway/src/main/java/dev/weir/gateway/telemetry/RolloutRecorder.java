// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import dev.weir.snapshot.Telemetry.FastSlice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/// The arrival slices of one rollout. One slice per stratum is open for the current snapshot.
/// Around a swap another may be open for late requests drawn under the previous snapshot. Slice
/// numbers increase in the order of opening and are never reused in this run.
final class RolloutRecorder {
  static final Duration SLICE = Duration.ofSeconds(5);

  private final SteadyClock clock;
  private final Consumer<ArrivalSlice> closed;
  private final ConcurrentLinkedQueue<FastWindow> windows = new ConcurrentLinkedQueue<>();
  private volatile List<OpenSlice> open = List.of();
  private long nextNumber;
  private long lastUsedNanos;

  RolloutRecorder(SteadyClock clock, Consumer<ArrivalSlice> closed) {
    this.clock = clock;
    this.closed = closed;
    this.lastUsedNanos = clock.nanos();
  }

  /// Where a request was counted.
  ///
  /// @param window counts the request if it fails fast
  record Place(long slice, int index, FastWindow window) {}

  /// What is currently served for this rollout.
  ///
  /// @param keys one for each stratum
  record Served(List<OpenSlice.Key> keys, IndexedSnapshot current) {
    Served {
      keys = List.copyOf(keys);
    }
  }

  /// Counts a request in the slice of exactly what it was drawn under. Takes a lock only for the
  /// first requests after a swap.
  Place arrive(AdmittedRequest arrival) {
    VersionDecision decision = arrival.decision();
    for (OpenSlice slice : open) {
      if (slice.quickMatch(arrival.current(), decision.weightMillionths(), decision.stratum())) {
        int index = tryArrive(slice, decision);
        if (index >= 0) {
          return place(slice, index, decision);
        }
      }
    }
    return arriveRetrying(arrival, decision);
  }

  private static int tryArrive(OpenSlice slice, VersionDecision decision) {
    return decision.mirrored() ? slice.tryArrivePair() : slice.tryArrive(decision.toCanary());
  }

  private synchronized Place arriveRetrying(AdmittedRequest arrival, VersionDecision decision) {
    OpenSlice slice = sliceFor(OpenSlice.Key.of(decision), arrival.current());
    // Slices close under this lock only, so this one is open.
    return place(slice, tryArrive(slice, decision), decision);
  }

  private Place place(OpenSlice slice, int index, VersionDecision decision) {
    FastWindow window = slice.window(clock, windows::add);
    window.arrived(decision.toCanary());
    if (decision.mirrored()) {
      window.arrived(true);
    }
    return new Place(slice.number(), index, window);
  }

  /// Final windows, oldest first; empty ones are omitted.
  List<FastSlice> takeFast() {
    List<FastSlice> taken = new ArrayList<>();
    for (FastWindow next = windows.peek();
        next != null && next.isFinal(clock.nanos());
        next = windows.peek()) {
      windows.remove(next);
      if (next.counts()) {
        taken.add(next.slice());
      }
    }
    return taken;
  }

  /// Time until the oldest window can be reported, if that or a later one has a failure of the
  /// canary.
  OptionalLong untilFastNanos() {
    FastWindow oldest = windows.peek();
    return oldest != null && windows.stream().anyMatch(FastWindow::canaryFailed)
        ? OptionalLong.of(oldest.untilFinalNanos(clock.nanos()))
        : OptionalLong.empty();
  }

  /// Closes slices that have lasted their full length or belong to another snapshot, and opens
  /// slices for the current one, so that empty slices are reported as well.
  ///
  /// Slices are reported in the order of their numbers; otherwise the control plane would consider
  /// a later one lost. So every slice older than a closing one closes too.
  synchronized void align(Optional<Served> served) {
    long newestClosing =
        open.stream()
            .filter(slice -> mustClose(slice, served))
            .mapToLong(OpenSlice::number)
            .max()
            .orElse(-1);
    List<OpenSlice> remaining = new ArrayList<>();
    for (OpenSlice slice : open.reversed()) {
      if (slice.number() > newestClosing) {
        remaining.addFirst(slice);
      } else {
        closed.accept(slice.close(clock.millis()));
      }
    }
    open = List.copyOf(remaining);
    served.ifPresent(s -> s.keys().forEach(key -> sliceFor(key, s.current())));
  }

  private boolean mustClose(OpenSlice slice, Optional<Served> served) {
    boolean current = served.filter(s -> s.keys().contains(slice.key())).isPresent();
    return !current || clock.nanos() - slice.startNanos() >= SLICE.toNanos();
  }

  /// When it last had an open slice.
  synchronized long lastUsedNanos() {
    return lastUsedNanos;
  }

  boolean isIdle() {
    return open.isEmpty() && windows.isEmpty();
  }

  private OpenSlice sliceFor(OpenSlice.Key key, IndexedSnapshot current) {
    lastUsedNanos = clock.nanos();
    for (OpenSlice slice : open) {
      if (slice.key().equals(key)) {
        slice.observe(current);
        return slice;
      }
    }
    var created = new OpenSlice(key, nextNumber++, current, clock.nanos(), clock.millis());
    List<OpenSlice> updated = new ArrayList<>(open);
    updated.addFirst(created);
    open = List.copyOf(updated);
    return created;
  }
}
