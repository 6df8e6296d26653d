// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import dev.weir.control.observation.ObservationStore;
import dev.weir.store.Observations.Entry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The position up to which each run of a gateway was accepted; stored together with the data.
public final class TelemetryOffsets {
  private static final String COLLECTION = "telemetry.marks";

  /// A run with more rollouts than this drops the old ones, which have ended.
  private static final int MAX_ROLLOUTS = 1_000;

  private final ObservationStore observationStore;

  /// @param batch the newest stored batch
  /// @param nextSlice the first slice that has not been reported, by rollout
  /// @param atMillis time of creation, on the control clock
  record Offset(long batch, Map<String, Long> nextSlice, long atMillis) {
    Offset {
      nextSlice = Map.copyOf(nextSlice);
    }

    static Offset none() {
      return new Offset(0, Map.of(), 0);
    }

    Offset with(long newBatch, Map<String, Long> reported, long nowMillis) {
      Map<String, Long> next =
          new HashMap<>(nextSlice.size() < MAX_ROLLOUTS ? nextSlice : Map.of());
      reported.forEach((rollout, slice) -> next.merge(rollout, slice, Math::max));
      return new Offset(newBatch, next, nowMillis);
    }
  }

  /// Receives each offset.
  @FunctionalInterface
  interface Visitor {
    void visit(String gateway, String boot, Offset offset);
  }

  public TelemetryOffsets(ObservationStore observationStore) {
    this.observationStore = observationStore;
  }

  Optional<Offset> get(String gateway, String boot) {
    return observationStore.get(COLLECTION, key(gateway, boot), Offset.class);
  }

  Entry entry(String gateway, String boot, Offset offset) {
    return ObservationStore.entry(COLLECTION, key(gateway, boot), offset);
  }

  void forEach(Visitor visitor) {
    for (ObservationStore.StoredObservation<Offset> storedObservation :
        observationStore.list(COLLECTION, "", Offset.class)) {
      int cut = storedObservation.key().lastIndexOf('\n');
      visitor.visit(
          storedObservation.key().substring(0, cut),
          storedObservation.key().substring(cut + 1),
          storedObservation.value());
    }
  }

  /// Deletes offsets from before this time: a run that has been silent for so long has ended, and
  /// none of its batches is in flight.
  public void sweep(long beforeMillis) {
    List<String> old =
        observationStore.list(COLLECTION, "", Offset.class).stream()
            .filter(storedObservation -> storedObservation.value().atMillis() < beforeMillis)
            .map(ObservationStore.StoredObservation::key)
            .toList();
    observationStore.delete(COLLECTION, old);
  }

  private static String key(String gateway, String boot) {
    return gateway + "\n" + boot;
  }
}
