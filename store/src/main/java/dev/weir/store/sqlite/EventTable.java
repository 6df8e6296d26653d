// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.value.Kind;
import dev.weir.store.CompactedException;
import dev.weir.store.StoreEvent;
import dev.weir.store.sqlite.CommitPlan.Change;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/// Table `event`, which watchers read. A row is written in the transaction of its change by a
/// single writer, so a reader of revision N can read all earlier ones.
final class EventTable {
  /// Maximum revisions that one transaction deletes, so that writers never wait long. It exceeds
  /// the revisions between two compactions, so that the log shrinks to its bound.
  static final long MAX_CONCURRENT = 2 * CommitWriter.COMPACTION_PERIOD;

  private final ResourceJson json;

  EventTable(ResourceJson json) {
    this.json = json;
  }

  void write(Handle handle, Change change, String body) {
    handle.execute(
        "INSERT INTO event (revision, kind, deleted, body, checksum) VALUES (?, ?, ?, ?, ?)",
        change.revision(),
        change.resource().kind().text(),
        change.deleted(),
        body,
        StoredBody.checksum(body));
  }

  List<StoreEvent> after(Handle handle, long after, Set<Kind> kinds, int limit) {
    long floor = StoreCounters.read(handle).eventsFloor();
    if (after < floor) {
      throw new CompactedException(after, floor);
    }
    return handle
        .createQuery(
            """
            SELECT revision, deleted, kind, body, checksum FROM event
            WHERE revision > :after AND kind IN (<kinds>)
            ORDER BY revision LIMIT :limit\
            """)
        .bind("after", after)
        .bindList("kinds", kinds.stream().map(Kind::text).toList())
        .bind("limit", limit)
        .map((row, _) ->
            new StoreEvent(
                row.getLong(1), row.getBoolean(2), json.read(StoredBody.unnamed("event", row))))
        .list();
  }

  /// Deletes the oldest events beyond the newest `keepRevisions`, `MAX_CONCURRENT` at most. The
  /// floor never decreases; if it stays the same, no events are left to delete.
  StoreCounters compact(Handle handle, StoreCounters storeCounters, long keepRevisions) {
    long maxFloor = storeCounters.eventsFloor() + MAX_CONCURRENT;
    long floor =
        Math.max(
            storeCounters.eventsFloor(),
            Math.min(maxFloor, storeCounters.revision() - keepRevisions));
    if (floor == storeCounters.eventsFloor()) {
      return storeCounters;
    }
    handle.execute("DELETE FROM event WHERE revision <= ?", floor);
    return storeCounters.withEventsFloor(floor);
  }
}
