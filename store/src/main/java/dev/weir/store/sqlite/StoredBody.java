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
record StoredBody(String text, OptionalLong checksum) {
  static StoredBody of(ResultSet row) throws SQLException {
    String text = row.getString("body");
    long checksum = row.getLong("checksum");
    return new StoredBody(text, row.wasNull() ? OptionalLong.empty() : OptionalLong.of(checksum));
  }

  static long checksum(String text) {
    CRC32C sum = new CRC32C();
    sum.update(text.getBytes(StandardCharsets.UTF_8));
    return sum.getValue();
  }

  /// The text, if it is what was written.
  ///
  /// @param file named when it is not
  String whole(Path file) {
    if (checksum.isPresent() && checksum.getAsLong() != checksum(text)) {
      throw new StoreException(
          Trouble.DAMAGED,
          file
              + " is damaged: the text of a resource is not what was written ("
              + text.substring(0, Math.min(text.length(), 120))
              + "): stop Weir, keep the file, and `weir restore` a backup into an empty folder");
    }
    return text;
  }
}
