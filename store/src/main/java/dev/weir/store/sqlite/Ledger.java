// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.AuditEntry;
import org.jdbi.v3.core.Handle;

/// The counters that every writing transaction reads first and writes last.
///
/// @param revision the newest global revision
/// @param auditSequence the newest audit entry, 0 when there is none
/// @param auditHead its hash, 64 zeros when there is none
/// @param eventsFloor events up to this revision are compacted away
record Ledger(long revision, long auditSequence, String auditHead, long eventsFloor) {
  static Ledger read(Handle handle) {
    return handle
        .createQuery("SELECT revision, audit_sequence, audit_head, events_floor FROM ledger")
        .map((row, _) ->
            new Ledger(row.getLong(1), row.getLong(2), row.getString(3), row.getLong(4)))
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

  Ledger withRevision(long newest) {
    return new Ledger(newest, auditSequence, auditHead, eventsFloor);
  }

  Ledger withAudit(AuditEntry newest) {
    return new Ledger(revision, newest.sequence(), newest.hash(), eventsFloor);
  }

  Ledger withEventsFloor(long floor) {
    return new Ledger(revision, auditSequence, auditHead, floor);
  }
}
