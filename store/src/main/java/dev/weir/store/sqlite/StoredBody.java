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

/// A resource's text and the checksum it was stored with, columns `body` and `checksum`.
///
/// @param checksum empty when it was written before there were checksums
record StoredBody(String text, OptionalLong checksum, Row row) {
  /// Which columns say where a text stands, for tables with a resource in each row.
  static final String COLUMNS = "kind, namespace, name, revision, body, checksum";

  /// Where a text stands.
  ///
  /// @param name `namespace/name`, or empty for a table that does not say
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

  /// @param row with [#COLUMNS]
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

  /// Of a table whose rows do not name their resource.
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

  /// Whether the text is what was written.
  boolean isWhole() {
    return checksum.isEmpty() || checksum.getAsLong() == checksum(text);
  }

  /// The text, if it is what was written.
  ///
  /// @param file named when it is not
  String whole(Path file) {
    if (!isWhole()) {
      throw new StoreException(
          Trouble.DAMAGED,
          file
              + " is damaged: the text of a resource is not what was written ("
              + row
              + "): stop Weir, keep the file, and `weir restore` a backup into an empty folder"
              + " (table spec_history still holds each spec that it had)");
    }
    return text;
  }
}
