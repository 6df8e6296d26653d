// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.reconcile;

import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The waiting keys by lane, ordered by due time. Of keys with the same due time, the key that was
/// woken first comes first. Not thread-safe.
final class DueOrder<K> {
  private final Map<Lane, NavigableSet<Place<K>>> lanes = new EnumMap<>(Lane.class);
  private long sequence;

  /// The position of a waiting key.
  ///
  /// @param dueNanos monotonic
  /// @param sequence distinguishes keys that are due at the same time
  record Place<K>(K key, Lane lane, long dueNanos, long sequence) implements Comparable<Place<K>> {
    // A monotonic clock may overflow: only differences count.
    @Override
    public int compareTo(Place<K> other) {
      int byTime = Long.signum(dueNanos - other.dueNanos);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }

  DueOrder() {
    for (Lane lane : Lane.values()) {
      lanes.put(lane, new TreeSet<>());
    }
  }

  Place<K> add(K key, Lane lane, long dueNanos) {
    Place<K> place = new Place<>(key, lane, dueNanos, sequence++);
    places(lane).add(place);
    return place;
  }

  void remove(Place<K> place) {
    places(place.lane()).remove(place);
  }

  /// Removes and returns the key with the earliest due time; null when no key is due.
  @Nullable Place<K> takeDue(Lane lane, long nowNanos) {
    NavigableSet<Place<K>> waiting = places(lane);
    return nanosToNext(lane, nowNanos).orElse(1) <= 0 ? waiting.pollFirst() : null;
  }

  /// The time until the next key of the lane is due, negative when it is overdue; empty when no key
  /// waits.
  OptionalLong nanosToNext(Lane lane, long nowNanos) {
    NavigableSet<Place<K>> waiting = places(lane);
    return waiting.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(waiting.getFirst().dueNanos() - nowNanos);
  }

  private NavigableSet<Place<K>> places(Lane lane) {
    return Objects.requireNonNull(lanes.get(lane));
  }
}
