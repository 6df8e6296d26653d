// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/// Table `origin`: the origin of a file.
///
/// @param madeAt creation time; empty when unknown
/// @param madeBy the version of Weir that created it; empty if not recorded
/// @param writtenBy the version of Weir that opened it last; empty if not recorded
/// @param copiedAt when this copy was made; empty for a store that is not a copy
record Origin(
    Optional<Instant> madeAt, String madeBy, String writtenBy, Optional<Instant> copiedAt) {
  /// The first schema version with this table.
  static final int SINCE = 2;

  static final Origin UNKNOWN = new Origin(Optional.empty(), "", "", Optional.empty());

  static Origin read(Handle handle) {
    return handle
        .createQuery("SELECT made_at, made_by, written_by, copied_at FROM origin")
        .map((row, _) ->
            new Origin(
                instant(row.getString(1)),
                row.getString(2),
                row.getString(3),
                instant(row.getString(4))))
        .one();
  }

  /// Reads the origin of a file of any version, including newer ones with an unknown schema.
  static Origin readIfPresent(Handle handle) {
    try {
      return read(handle);
    } catch (JdbiException | IllegalArgumentException e) {
      return UNKNOWN;
    }
  }

  /// Whether this version of Weir is already recorded.
  boolean isOf(String version) {
    return writtenBy.equals(version) && madeAt.isPresent() && copiedAt.isEmpty();
  }

  /// Records that this version of Weir writes the file from now on.
  static void claim(Handle handle, String version, Instant now) {
    boolean fresh = read(handle).madeAt().isEmpty();
    if (fresh) {
      handle.execute("UPDATE origin SET made_at = ?, made_by = ?", now.toString(), version);
    }
    handle.execute("UPDATE origin SET written_by = ?, copied_at = ''", version);
  }

  /// Records in a copy when it was made.
  static void copied(Handle handle, Instant now) {
    handle.execute("UPDATE origin SET copied_at = ?", now.toString());
  }

  private static Optional<Instant> instant(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
  }
}
