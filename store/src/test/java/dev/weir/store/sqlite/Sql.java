// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/// Direct access of tests to a store's file.
final class Sql {
  private Sql() {}

  static void run(Path file, String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      for (String statement : statements) {
        connection.createStatement().execute(statement);
      }
    }
  }

  /// The first column of the first row.
  static String ask(Path file, String query) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        ResultSet row = connection.createStatement().executeQuery(query)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }

  static List<String> names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A store that the first version of Weir wrote: seven revisions and seven audit entries, the
  /// last one a denial.
  static Path recordedVersion1(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve(SqliteStore.FILE);
    try (InputStream recorded = Sql.class.getResourceAsStream("weir-v1.db.gz")) {
      Files.copy(new GZIPInputStream(java.util.Objects.requireNonNull(recorded)), file);
    }
    return file;
  }
}
