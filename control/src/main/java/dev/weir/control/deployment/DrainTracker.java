// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import dev.weir.control.observation.ObservationStore;
import dev.weir.model.value.ReplicaName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The drain deadlines of replicas that left routing. Stored, so that a control plane that restarts
/// every minute does not wait indefinitely.
///
/// A deadline is set once, when the last gateway has stopped routing to the replica. It stays until
/// the replica has a slot again or has been removed for a day.
final class DrainTracker {
  private static final String COLLECTION = "draining";
  private static final Duration FORGET_AFTER = Duration.ofDays(1);

  private final ObservationStore observationStore;
  private final Map<String, Instant> deadlines = new ConcurrentHashMap<>();

  /// The stored value.
  record StoredDeadline(Instant deadline) {}

  DrainTracker(ObservationStore observationStore) {
    this.observationStore = observationStore;
    observationStore
        .list(COLLECTION, "", StoredDeadline.class)
        .forEach(storedObservation ->
            deadlines.put(storedObservation.key(), storedObservation.value().deadline()));
  }

  /// The deadline of the replica; set now if there is none.
  ///
  /// @param longest the maximum wait; a later stored deadline is shortened to it, for example after
  ///   the wall clock was set back between two runs of this process
  Instant deadline(ReplicaName replica, Instant now, Duration longest) {
    Instant latest = now.plus(longest);
    Instant known = deadlines.get(key(replica));
    if (known == null || known.isAfter(latest)) {
      forgetOld(now);
      observationStore.put(COLLECTION, key(replica), new StoredDeadline(latest));
      deadlines.put(key(replica), latest);
      return latest;
    }
    return known;
  }

  /// Removes the deadline: the replica has a slot again, or no longer exists.
  void forget(ReplicaName replica) {
    String key = key(replica);
    if (deadlines.containsKey(key)) {
      observationStore.delete(COLLECTION, List.of(key));
      deadlines.remove(key);
    }
  }

  // Replicas that disappeared without being observed.
  private void forgetOld(Instant now) {
    List<String> old =
        deadlines.entrySet().stream()
            .filter(entry -> entry.getValue().plus(FORGET_AFTER).isBefore(now))
            .map(Map.Entry::getKey)
            .toList();
    observationStore.delete(COLLECTION, old);
    old.forEach(deadlines::remove);
  }

  private static String key(ReplicaName replica) {
    return String.join(
        "/",
        replica.namespace(),
        replica.service(),
        replica.version().toString(),
        Integer.toString(replica.ordinal()));
  }
}
