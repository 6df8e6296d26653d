// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import dev.weir.control.observation.Notes;
import dev.weir.store.Observations.Entry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How far each run of each gateway has been accepted; kept together with what was accepted.
public final class Marks {
  private static final String COLLECTION = "telemetry.marks";

  /// A run that has seen more rollouts than this forgets the old ones: they are over.
  private static final int MOST_ROLLOUTS = 1_000;

  private final Notes notes;

  /// @param batch the newest batch that is kept
  /// @param nextSlice by rollout, the first slice that has not been told yet
  /// @param atMillis when it was made, on the look clock
  record Mark(long batch, Map<String, Long> nextSlice, long atMillis) {
    Mark {
      nextSlice = Map.copyOf(nextSlice);
    }

    static Mark none() {
      return new Mark(0, Map.of(), 0);
    }

    Mark with(long newBatch, Map<String, Long> told, long nowMillis) {
      Map<String, Long> next = new HashMap<>(nextSlice.size() < MOST_ROLLOUTS ? nextSlice : Map.of());
      told.forEach((rollout, slice) -> next.merge(rollout, slice, Math::max));
      return new Mark(newBatch, next, nowMillis);
    }
  }

  /// Sees one mark.
  @FunctionalInterface
  interface Visitor {
    void see(String gateway, String boot, Mark mark);
  }

  public Marks(Notes notes) {
    this.notes = notes;
  }

  Optional<Mark> get(String gateway, String boot) {
    return notes.get(COLLECTION, key(gateway, boot), Mark.class);
  }

  Entry entry(String gateway, String boot, Mark mark) {
    return Notes.entry(COLLECTION, key(gateway, boot), mark);
  }

  void forEach(Visitor visitor) {
    for (Notes.Note<Mark> note : notes.list(COLLECTION, "", Mark.class)) {
      int cut = note.key().lastIndexOf('\n');
      visitor.see(note.key().substring(0, cut), note.key().substring(cut + 1), note.value());
    }
  }

  /// Forgets marks that were made before a moment: a run that was silent for so long is over, and
  /// no batch of it is on its way any more.
  public void sweep(long beforeMillis) {
    List<String> old =
        notes.list(COLLECTION, "", Mark.class).stream()
            .filter(note -> note.value().atMillis() < beforeMillis)
            .map(Notes.Note::key)
            .toList();
    notes.delete(COLLECTION, old);
  }

  private static String key(String gateway, String boot) {
    return gateway + "\n" + boot;
  }
}
