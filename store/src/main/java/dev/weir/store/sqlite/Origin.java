// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/// Table `origin`: where a file comes from.
///
/// @param madeAt empty when not known
/// @param madeBy the version of Weir that made it; empty: one that did not say
/// @param writtenBy the version of Weir that opened it last; empty: one that did not say
/// @param copiedAt when this copy was made; empty for the file of a store
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

  /// Of a file of any version, also of a newer one that no longer looks as we know it.
  static Origin readIfPresent(Handle handle) {
    try {
      return read(handle);
    } catch (JdbiException | IllegalArgumentException e) {
      return UNKNOWN;
    }
  }

  /// Whether a Weir of this version has nothing to note.
  boolean isOf(String version) {
    return writtenBy.equals(version) && madeAt.isPresent() && copiedAt.isEmpty();
  }

  /// Notes that a Weir of this version writes the file from now on.
  static void claim(Handle handle, String version, Instant now) {
    boolean fresh = read(handle).madeAt().isEmpty();
    if (fresh) {
      handle.execute("UPDATE origin SET made_at = ?, made_by = ?", now.toString(), version);
    }
    handle.execute("UPDATE origin SET written_by = ?, copied_at = ''", version);
  }

  /// Notes in a copy when it was made.
  static void copied(Handle handle, Instant now) {
    handle.execute("UPDATE origin SET copied_at = ?", now.toString());
  }

  private static Optional<Instant> instant(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
  }
}
