// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import dev.weir.control.observation.ObservationStore;
import dev.weir.store.Observations.Entry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How far each run of each gateway has been accepted; kept together with what was accepted.
public final class TelemetryOffsets {
  private static final String COLLECTION = "telemetry.marks";

  /// A run that has seen more rollouts than this forgets the old ones: they are over.
  private static final int MOST_ROLLOUTS = 1_000;

  private final ObservationStore observationStore;

  /// @param batch the newest batch that is kept
  /// @param nextSlice by rollout, the first slice that has not been told yet
  /// @param atMillis when it was made, on the control clock
  record Offset(long batch, Map<String, Long> nextSlice, long atMillis) {
    Offset {
      nextSlice = Map.copyOf(nextSlice);
    }

    static Offset none() {
      return new Offset(0, Map.of(), 0);
    }

    Offset with(long newBatch, Map<String, Long> told, long nowMillis) {
      Map<String, Long> next =
          new HashMap<>(nextSlice.size() < MOST_ROLLOUTS ? nextSlice : Map.of());
      told.forEach((rollout, slice) -> next.merge(rollout, slice, Math::max));
      return new Offset(newBatch, next, nowMillis);
    }
  }

  /// Sees one mark.
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

  /// Forgets marks that were made before a moment: a run that was silent for so long is over, and
  /// no batch of it is on its way any more.
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
