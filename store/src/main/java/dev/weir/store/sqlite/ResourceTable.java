// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.Resource;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.HistoryEntry;
import dev.weir.store.StoreException;
import dev.weir.store.sqlite.CommitPlan.Change;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Tables `resource` and `spec_history`: the current state of each resource, and each of its specs.
final class ResourceTable {
  private static final String TABLE = "resource";

  private final ResourceJson json;

  ResourceTable(ResourceJson json) {
    this.json = json;
  }

  Optional<Resource> get(Handle handle, ResourceRef ref) {
    return handle
        .createQuery(
            "SELECT "
                + StoredBody.COLUMNS
                + " FROM resource WHERE kind = ? AND namespace = ? AND name = ?")
        .bind(0, ref.kind().text())
        .bind(1, ref.namespace())
        .bind(2, ref.name())
        .map((row, _) -> StoredBody.of(TABLE, row))
        .findOne()
        .map(json::read);
  }

  /// Returns bodies, so that the caller parses them outside the transaction.
  List<StoredBody> list(Handle handle, Kind kind, String namespace) {
    String where = namespace.isEmpty() ? "kind = ?" : "kind = ? AND namespace = ?";
    var query =
        handle
            .createQuery(
                "SELECT "
                    + StoredBody.COLUMNS
                    + " FROM resource WHERE "
                    + where
                    + " ORDER BY namespace, name")
            .bind(0, kind.text());
    return (namespace.isEmpty() ? query : query.bind(1, namespace))
        .map((row, _) -> StoredBody.of(TABLE, row))
        .list();
  }

  /// The locations of the first `limit` resource texts that are corrupt or unreadable.
  List<String> damaged(Handle handle, int limit) {
    return handle
        .createQuery("SELECT " + StoredBody.COLUMNS + " FROM resource")
        .map((row, _) -> StoredBody.of(TABLE, row))
        .stream()
        .filter(body -> !isReadable(body))
        .limit(limit)
        .map(body -> body.row().toString())
        .toList();
  }

  private boolean isReadable(StoredBody body) {
    try {
      json.read(body);
      return true;
    } catch (StoreException e) {
      return false;
    }
  }

  List<HistoryEntry> history(Handle handle, ResourceRef ref, int limit) {
    return handle
        .createQuery(
            """
            SELECT at, deleted, kind, namespace, name, revision, body, checksum FROM spec_history
            WHERE kind = ? AND namespace = ? AND name = ?
            ORDER BY revision DESC LIMIT ?\
            """)
        .bind(0, ref.kind().text())
        .bind(1, ref.namespace())
        .bind(2, ref.name())
        .bind(3, limit)
        .map((row, _) ->
            new HistoryEntry(
                row.getLong("revision"),
                Instant.parse(row.getString("at")),
                row.getBoolean("deleted"),
                json.read(StoredBody.of("spec_history", row))))
        .list();
  }

  void write(Handle handle, Change change, String body, Instant at) {
    ResourceRef ref = change.resource().ref();
    String kind = ref.kind().text();
    long checksum = StoredBody.checksum(body);
    if (change.deleted()) {
      handle.execute(
          "DELETE FROM resource WHERE kind = ? AND namespace = ? AND name = ?",
          kind,
          ref.namespace(),
          ref.name());
    } else {
      handle.execute(
          """
          INSERT INTO resource (kind, namespace, name, revision, body, checksum)
          VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (kind, namespace, name) DO UPDATE
          SET revision = excluded.revision, body = excluded.body, checksum = excluded.checksum\
          """,
          kind,
          ref.namespace(),
          ref.name(),
          change.revision(),
          body,
          checksum);
    }
    if (change.historic()) {
      handle.execute(
          """
          INSERT INTO spec_history (kind, namespace, name, revision, at, deleted, body, checksum)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)\
          """,
          kind,
          ref.namespace(),
          ref.name(),
          change.revision(),
          at.toString(),
          change.deleted(),
          body,
          checksum);
    }
  }
}
