// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// Validates a file before use: it must be a Weir store with a supported version, and not corrupt.
final class StoreInspection {
  /// Up to this size a start checks every page, which takes well under a second. In a larger file,
  /// corruption is detected when the page is read.
  static final long MOST_CHECKED_BYTES = 64L << 20;

  /// "Weir", in files of schema version 2 and newer.
  private static final long APPLICATION_ID = 0x57656972;

  private StoreInspection() {}

  /// Checks a folder before a store is created or opened in it.
  ///
  /// @throws StoreException when files are incomplete
  static void requireCompleteFolder(Path file) {
    if (hasContent(file)) {
      return;
    }
    if (Files.exists(StoreRestore.partial(file))) {
      throw new StoreException(
          "a restore into "
              + PrivateFile.folderOf(file)
              + " did not finish: run `weir restore` again");
    }
    if (Files.exists(file.resolveSibling(file.getFileName() + "-wal"))) {
      throw new StoreException(
          Trouble.DAMAGED,
          file
              + " is missing but its write-ahead log exists: restore the file, or `weir restore` a"
              + " backup into an empty folder; or move the log away and start with --adopt-store"
              + " to create a new, empty store");
    }
  }

  private static boolean hasContent(Path file) {
    try {
      return Files.exists(file) && Files.size(file) > 0;
    } catch (IOException e) {
      throw StoreFailures.opening(file, e);
    }
  }

  /// @param weir the version of this program
  /// @return the schema version
  /// @throws StoreException when the file is not a Weir store, or is from a newer Weir
  static int requireKnown(Path file, Handle handle, String weir) {
    int version = Schema.versionOf(handle);
    if (!ours(handle)) {
      throw new StoreException(
          file
              + " is not a Weir store but a file of another program: move it away, or choose"
              + " another"
              + " folder");
    }
    if (version > Schema.known()) {
      String writer = Origin.readIfPresent(handle).writtenBy();
      throw new StoreException(
          file
              + " was last written by "
              + (writer.isEmpty() ? "a newer Weir" : "Weir " + writer)
              + " and has schema version "
              + version
              + "; this is Weir "
              + weir
              + ", which knows schema versions up to "
              + Schema.known()
              + ": start the newer Weir, or `weir restore` the backup that it made before it"
              + " migrated"
              + " (weir.db.v"
              + Schema.known()
              + ".*.backup)");
    }
    return version;
  }

  private static boolean ours(Handle handle) {
    long id = handle.createQuery("PRAGMA application_id").mapTo(Long.class).one();
    return id == APPLICATION_ID || (id == 0 && hasLedger(handle));
  }

  /// Schema version 1 had no application id.
  private static boolean hasLedger(Handle handle) {
    return handle
            .createQuery(
                "SELECT count(*) FROM sqlite_master WHERE name IN ('ledger', 'audit', 'resource')")
            .mapTo(Integer.class)
            .one()
        == 3;
  }

  /// @param pragma `quick_check` or `integrity_check`
  static void requireIntact(Path file, Handle handle, String pragma) {
    List<String> found = handle.createQuery("PRAGMA " + pragma + "(1)").mapTo(String.class).list();
    if (!found.equals(List.of("ok"))) {
      throw new StoreException(
          Trouble.DAMAGED,
          file
              + " is damaged ("
              + String.join("; ", found).lines().findFirst().orElse("?")
              + ")"
              + StoreFailures.RESTORE_A_BACKUP);
    }
  }
}
