// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.reconcile;

import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The keys that wait, by lane, in the order in which they are due; of keys that are due at the
/// same time the one that was woken first comes first. Not thread-safe.
final class DueOrder {
  private final Map<Lane, NavigableSet<Place>> lanes = new EnumMap<>(Lane.class);
  private long sequence;

  /// Where a key waits.
  ///
  /// @param dueNanos monotonic
  /// @param sequence distinguishes keys that are due at the same time
  record Place(String key, Lane lane, long dueNanos, long sequence) implements Comparable<Place> {
    // A monotonic clock may overflow: only differences count.
    @Override
    public int compareTo(Place other) {
      int byTime = Long.signum(dueNanos - other.dueNanos);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }

  DueOrder() {
    for (Lane lane : Lane.values()) {
      lanes.put(lane, new TreeSet<>());
    }
  }

  Place add(String key, Lane lane, long dueNanos) {
    Place place = new Place(key, lane, dueNanos, sequence++);
    places(lane).add(place);
    return place;
  }

  void remove(Place place) {
    places(place.lane()).remove(place);
  }

  /// Removes and returns the key that has been due for longest; null when none is due.
  @Nullable Place takeDue(Lane lane, long nowNanos) {
    NavigableSet<Place> waiting = places(lane);
    return nanosToNext(lane, nowNanos).orElse(1) <= 0 ? waiting.pollFirst() : null;
  }

  /// Until the next key of the lane is due, negative when it has been due for a while; empty when
  /// no key waits.
  OptionalLong nanosToNext(Lane lane, long nowNanos) {
    NavigableSet<Place> waiting = places(lane);
    return waiting.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(waiting.getFirst().dueNanos() - nowNanos);
  }

  private NavigableSet<Place> places(Lane lane) {
    return Objects.requireNonNull(lanes.get(lane));
  }
}
