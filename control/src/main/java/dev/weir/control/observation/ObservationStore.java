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

/// Stores records as JSON in the observation part of the store.
///
/// An unreadable record (damaged, or of another version) is logged and counts as absent, because
/// observations can be repeated.
public final class ObservationStore {
  private static final Logger LOG = LoggerFactory.getLogger(ObservationStore.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Observations observations;
  private final CrashPoints crashPoints;

  public ObservationStore(Observations observations, CrashPoints crashPoints) {
    this.observations = observations;
    this.crashPoints = crashPoints;
  }

  /// A record with its key.
  public record StoredObservation<T>(String key, T value) {}

  public static Entry entry(String collection, String key, Object value) {
    return new Entry(collection, key, JSON.writeValueAsString(value));
  }

  public static String json(Object value) {
    return JSON.writeValueAsString(value);
  }

  public void put(String collection, String key, Object value) {
    observations.put(collection, key, JSON.writeValueAsString(value));
    crashPoints.pass(CrashPoint.written(collection));
  }

  /// Stores all entries in one transaction, with the crash point of the first entry's collection.
  public void putAll(List<Entry> entries) {
    observations.putAll(entries);
    entries.stream()
        .findFirst()
        .map(e -> CrashPoint.written(e.collection()))
        .ifPresent(crashPoints::pass);
  }

  public <T> Optional<T> get(String collection, String key, Class<T> type) {
    return observations.get(collection, key).flatMap(text -> read(collection, key, text, type));
  }

  /// The readable records whose key starts with the prefix, ordered by key.
  public <T> List<StoredObservation<T>> list(String collection, String prefix, Class<T> type) {
    List<StoredObservation<T>> storedObservations = new ArrayList<>();
    for (Entry entry : observations.list(collection, prefix)) {
      read(collection, entry.key(), entry.value(), type)
          .ifPresent(value -> storedObservations.add(new StoredObservation<>(entry.key(), value)));
    }
    return storedObservations;
  }

  public void delete(String collection, List<String> keys) {
    if (!keys.isEmpty()) {
      observations.delete(collection, keys);
      crashPoints.pass(CrashPoint.removed(collection));
    }
  }

  /// Deletes all records whose key starts with the prefix.
  public void deleteAll(String collection, String prefix) {
    delete(collection, observations.list(collection, prefix).stream().map(Entry::key).toList());
  }

  /// Reads a text that a previous version of Weir stored in pieces, as JSON; empty also if a piece
  /// is missing.
  public <T> Optional<T> getLong(String collection, String key, Class<T> type) {
    Optional<Integer> count = get(collection, key, Integer.class);
    if (count.isEmpty()) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count.get(); i++) {
      text.append(observations.get(collection, key + "/" + i).orElse(""));
    }
    return read(collection, key, text.toString(), type);
  }

  /// The keys of all records of a collection, in order.
  public List<String> keys(String collection) {
    return observations.list(collection, "").stream().map(Entry::key).toList();
  }

  public static JsonNode tree(byte[] json) {
    return JSON.readTree(json);
  }

  public static byte[] bytes(JsonNode json) {
    return JSON.writeValueAsBytes(json);
  }

  private static <T> Optional<T> read(String collection, String key, String text, Class<T> type) {
    try {
      return Optional.of(JSON.readValue(text, type));
    } catch (JacksonException e) {
      LOG.atWarn()
          .addKeyValue("event", "observation.unreadable")
          .addKeyValue("collection", collection)
          .addKeyValue("key", key)
          .addKeyValue("error", e.getMessage())
          .log("A stored observation cannot be read and is ignored");
      return Optional.empty();
    }
  }
}
