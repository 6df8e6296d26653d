// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Trouble;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/// A resource's text and its stored checksum, columns `body` and `checksum`.
///
/// @param checksum empty for text from before checksums existed
record StoredBody(String text, OptionalLong checksum, Row row) {
  /// The columns for tables with one resource per row.
  static final String COLUMNS = "kind, namespace, name, revision, body, checksum";

  /// The location of a text.
  ///
  /// @param name `namespace/name`, or empty for a table without names
  record Row(String table, String kind, String name, long revision) {
    @Override
    public String toString() {
      return "table "
          + table
          + ", "
          + kind
          + (name.isEmpty() ? "" : " " + name)
          + ", revision "
          + revision;
    }
  }

  /// @param row a row with [#COLUMNS]
  static StoredBody of(String table, ResultSet row) throws SQLException {
    String namespace = row.getString("namespace");
    String name = row.getString("name");
    return of(
        row,
        new Row(
            table,
            row.getString("kind"),
            namespace.isEmpty() ? name : namespace + "/" + name,
            row.getLong("revision")));
  }

  /// Reads a row of a table without resource names.
  static StoredBody unnamed(String table, ResultSet row) throws SQLException {
    return of(row, new Row(table, row.getString("kind"), "", row.getLong("revision")));
  }

  private static StoredBody of(ResultSet row, Row where) throws SQLException {
    String text = row.getString("body");
    long checksum = row.getLong("checksum");
    return new StoredBody(
        text, row.wasNull() ? OptionalLong.empty() : OptionalLong.of(checksum), where);
  }

  static long checksum(String text) {
    CRC32C sum = new CRC32C();
    sum.update(text.getBytes(StandardCharsets.UTF_8));
    return sum.getValue();
  }

  /// Whether the text matches its checksum.
  boolean isIntact() {
    return checksum.isEmpty() || checksum.getAsLong() == checksum(text);
  }

  /// The text, if it matches its checksum.
  ///
  /// @param file the store's file, for error messages
  String verifiedText(Path file) {
    if (!isIntact()) {
      throw new StoreException(
          Trouble.DAMAGED,
          file
              + " is damaged: the text of a resource does not match its checksum ("
              + row
              + ")"
              + StoreFailures.RESTORE_A_BACKUP
              + " (table spec_history still contains each of its specs)");
    }
    return text;
  }
}
