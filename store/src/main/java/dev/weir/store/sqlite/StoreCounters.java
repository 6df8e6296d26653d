// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.view.AuditEntry;
import org.jdbi.v3.core.Handle;

/// The counters that every write transaction reads first and writes last.
///
/// @param revision the newest global revision
/// @param auditSequence the newest audit entry, 0 when there is none
/// @param auditHead hash of that entry, 64 zeros when there is none
/// @param eventsFloor events up to this revision are compacted
record StoreCounters(long revision, long auditSequence, String auditHead, long eventsFloor) {
  static StoreCounters read(Handle handle) {
    return handle
        .createQuery("SELECT revision, audit_sequence, audit_head, events_floor FROM ledger")
        .map((row, _) ->
            new StoreCounters(row.getLong(1), row.getLong(2), row.getString(3), row.getLong(4)))
        .one();
  }

  void write(Handle handle) {
    handle.execute(
        "UPDATE ledger SET revision = ?, audit_sequence = ?, audit_head = ?, events_floor = ?",
        revision,
        auditSequence,
        auditHead,
        eventsFloor);
  }

  StoreCounters withRevision(long newest) {
    return new StoreCounters(newest, auditSequence, auditHead, eventsFloor);
  }

  StoreCounters withAudit(AuditEntry newest) {
    return new StoreCounters(revision, newest.sequence(), newest.hash(), eventsFloor);
  }

  StoreCounters withEventsFloor(long floor) {
    return new StoreCounters(revision, auditSequence, auditHead, floor);
  }
}
