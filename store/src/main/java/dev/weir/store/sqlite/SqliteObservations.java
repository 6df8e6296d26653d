// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.store.Observations;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/// Table `observation`, with its limits.
final class SqliteObservations implements Observations {
  private static final String PUT =
      """
      INSERT INTO observation (collection, key, value) VALUES (?, ?, ?)
      ON CONFLICT (collection, key) DO UPDATE SET value = excluded.value\
      """;

  private final Database database;

  SqliteObservations(Database database) {
    this.database = database;
  }

  @Override
  public void put(String collection, String key, String value) {
    putAll(List.of(new Entry(collection, key, value)));
  }

  @Override
  public boolean putIfAbsent(String collection, String key, String value) {
    StoreBounds.requireSize("observation " + collection + "/" + key, key, value);
    return database.write(handle -> {
      int stored =
          handle.execute(
              """
              INSERT INTO observation (collection, key, value) VALUES (?, ?, ?)
              ON CONFLICT (collection, key) DO NOTHING\
              """,
              collection,
              key,
              value);
      requireRoom(handle, Set.of(collection));
      return stored == 1;
    });
  }

  @Override
  public void putAll(List<Entry> entries) {
    Set<String> collections = new HashSet<>();
    for (Entry entry : entries) {
      StoreBounds.requireSize(
          "observation " + entry.collection() + "/" + entry.key(), entry.key(), entry.value());
      collections.add(entry.collection());
    }
    if (entries.isEmpty()) {
      return;
    }
    database.write(handle -> {
      PreparedBatch batch = handle.prepareBatch(PUT);
      entries.forEach(entry -> batch.add(entry.collection(), entry.key(), entry.value()));
      batch.execute();
      requireRoom(handle, collections);
      return entries.size();
    });
  }

  @Override
  public Optional<String> get(String collection, String key) {
    return database.read(handle ->
        handle
            .createQuery("SELECT value FROM observation WHERE collection = ? AND key = ?")
            .bind(0, collection)
            .bind(1, key)
            .mapTo(String.class)
            .findOne());
  }

  /// The upper bound of the range is the prefix followed by the last code point, which is not a
  /// character and so occurs in no key.
  @Override
  public List<Entry> list(String collection, String keyPrefix) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT key, value FROM observation
                WHERE collection = ? AND key >= ? AND key < ? ORDER BY key\
                """)
            .bind(0, collection)
            .bind(1, keyPrefix)
            .bind(2, keyPrefix + Character.toString(Character.MAX_CODE_POINT))
            .map((row, _) -> new Entry(collection, row.getString(1), row.getString(2)))
            .list());
  }

  @Override
  public void delete(String collection, List<String> keys) {
    if (keys.isEmpty()) {
      return;
    }
    database.write(handle -> {
      delete(handle, keys.stream().map(key -> new Entry(collection, key, "")).toList());
      return keys.size();
    });
  }

  /// Deletes entries by collection and key, regardless of their value.
  static void delete(Handle handle, List<Entry> entries) {
    if (entries.isEmpty()) {
      return;
    }
    PreparedBatch batch =
        handle.prepareBatch("DELETE FROM observation WHERE collection = ? AND key = ?");
    entries.forEach(entry -> batch.add(entry.collection(), entry.key()));
    batch.execute();
  }

  private static void requireRoom(Handle handle, Set<String> collections) {
    for (String collection : collections) {
      long entries =
          handle
              .createQuery("SELECT entries FROM observation_count WHERE collection = ?")
              .bind(0, collection)
              .mapTo(Long.class)
              .findOne()
              .orElse(0L);
      if (entries > MAX_ENTRIES) {
        throw new IllegalArgumentException(
            "observation collection "
                + collection
                + " would contain "
                + entries
                + " entries, the limit is "
                + MAX_ENTRIES
                + ": delete consumed entries");
      }
    }
  }
}
