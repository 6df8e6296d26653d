// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.view.AuditEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Table `audit`.
final class AuditTable {
  void write(Handle handle, AuditEntry entry) {
    handle.execute(
        """
        INSERT INTO audit (sequence, at, principal, source_address, request_id, action, subject,
          revision, outcome, before, after, reason, previous_hash, hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)\
        """,
        entry.sequence(),
        entry.at().toString(),
        entry.principal(),
        entry.sourceAddress(),
        entry.requestId(),
        entry.action(),
        entry.subject(),
        entry.revision(),
        entry.outcome(),
        entry.before().orElse(null),
        entry.after().orElse(null),
        entry.reason(),
        entry.previousHash(),
        entry.hash());
  }

  List<AuditEntry> after(Handle handle, long sequence, int limit) {
    return handle
        .createQuery("SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?")
        .bind(0, sequence)
        .bind(1, limit)
        .map((row, _) -> entry(row))
        .list();
  }

  private static AuditEntry entry(ResultSet row) throws SQLException {
    return new AuditEntry(
        row.getLong("sequence"),
        Instant.parse(row.getString("at")),
        row.getString("principal"),
        row.getString("source_address"),
        row.getString("request_id"),
        row.getString("action"),
        row.getString("subject"),
        row.getLong("revision"),
        row.getString("outcome"),
        Optional.ofNullable(row.getString("before")),
        Optional.ofNullable(row.getString("after")),
        row.getString("reason"),
        row.getString("previous_hash"),
        row.getString("hash"));
  }
}
