// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.Kind;
import dev.weir.store.CompactedException;
import dev.weir.store.StoreEvent;
import dev.weir.store.sqlite.CommitPlan.Change;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/// Table `event`: what watchers read. A row is written in the transaction of its change, and there
/// is one writer, so a reader of revision N can read all before it.
final class EventTable {
  /// How many revisions one transaction forgets, so that writers never wait for long. More than
  /// come between two compactions, so that the log shrinks to its bound.
  static final long MOST_AT_ONCE = 2 * CommitWriter.COMPACTION_PERIOD;

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

  /// Forgets the oldest events beyond the newest `keepRevisions`, `MOST_AT_ONCE` at most. The floor
  /// never falls; where it stays, nothing is left to forget.
  StoreCounters compact(Handle handle, StoreCounters storeCounters, long keepRevisions) {
    long most = storeCounters.eventsFloor() + MOST_AT_ONCE;
    long floor =
        Math.max(
            storeCounters.eventsFloor(), Math.min(most, storeCounters.revision() - keepRevisions));
    if (floor == storeCounters.eventsFloor()) {
      return storeCounters;
    }
    handle.execute("DELETE FROM event WHERE revision <= ?", floor);
    return storeCounters.withEventsFloor(floor);
  }
}
