// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoints;
import dev.weir.store.Observations;
import dev.weir.store.Observations.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Records kept as JSON behind the store's door for observations.
///
/// A note that cannot be read (written by another version, damaged) counts as absent and is logged:
/// observations can be made again.
public final class ObservationStore {
  private static final Logger LOG = LoggerFactory.getLogger(ObservationStore.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// Characters per piece of a long note: at most three bytes each, below the store's limit.
  private static final int PIECE = 300_000;

  private final Observations door;
  private final CrashPoints crashPoints;

  public ObservationStore(Observations door, CrashPoints crashPoints) {
    this.door = door;
    this.crashPoints = crashPoints;
  }

  /// A note by its key.
  public record StoredObservation<T>(String key, T value) {}

  public static Entry entry(String collection, String key, Object value) {
    return new Entry(collection, key, JSON.writeValueAsString(value));
  }

  public static String json(Object value) {
    return JSON.writeValueAsString(value);
  }

  public void put(String collection, String key, Object value) {
    door.put(collection, key, JSON.writeValueAsString(value));
    crashPoints.pass(CrashPoint.kept(collection));
  }

  /// All of them in one transaction, whose crash point is that of the first one's collection.
  public void putAll(List<Entry> entries) {
    door.putAll(entries);
    entries.stream()
        .findFirst()
        .map(e -> CrashPoint.kept(e.collection()))
        .ifPresent(crashPoints::pass);
  }

  public <T> Optional<T> get(String collection, String key, Class<T> type) {
    return door.get(collection, key).flatMap(text -> read(collection, key, text, type));
  }

  /// Readable notes whose key starts with the prefix, by key.
  public <T> List<StoredObservation<T>> list(String collection, String prefix, Class<T> type) {
    List<StoredObservation<T>> storedObservations = new ArrayList<>();
    for (Entry entry : door.list(collection, prefix)) {
      read(collection, entry.key(), entry.value(), type)
          .ifPresent(value -> storedObservations.add(new StoredObservation<>(entry.key(), value)));
    }
    return storedObservations;
  }

  public void delete(String collection, List<String> keys) {
    if (!keys.isEmpty()) {
      door.delete(collection, keys);
      crashPoints.pass(CrashPoint.forgotten(collection));
    }
  }

  /// Forgets every note whose key starts with the prefix.
  public void deleteAll(String collection, String prefix) {
    delete(collection, door.list(collection, prefix).stream().map(Entry::key).toList());
  }

  /// Keeps a text of any length, in pieces, in one transaction.
  public void putLong(String collection, String key, String text) {
    List<Entry> pieces = new ArrayList<>();
    int count = Math.max(1, (text.length() + PIECE - 1) / PIECE);
    for (int i = 0; i < count; i++) {
      String piece = text.substring(i * PIECE, Math.min(text.length(), (i + 1) * PIECE));
      pieces.add(new Entry(collection, key + "/" + i, piece));
    }
    pieces.add(new Entry(collection, key, Integer.toString(count)));
    putAll(pieces);
  }

  /// What [#putLong] kept, as JSON; absent too when a piece is.
  public <T> Optional<T> getLong(String collection, String key, Class<T> type) {
    Optional<Integer> count = get(collection, key, Integer.class);
    if (count.isEmpty()) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count.get(); i++) {
      text.append(door.get(collection, key + "/" + i).orElse(""));
    }
    return read(collection, key, text.toString(), type);
  }

  public static byte[] bytes(JsonNode json) {
    return JSON.writeValueAsBytes(json);
  }

  private static <T> Optional<T> read(String collection, String key, String text, Class<T> type) {
    try {
      return Optional.of(JSON.readValue(text, type));
    } catch (JacksonException e) {
      LOG.warn("unreadable note collection={} key={} message={}", collection, key, e.getMessage());
      return Optional.empty();
    }
  }
}
