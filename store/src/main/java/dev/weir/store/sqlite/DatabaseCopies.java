// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.store.Backup;
import dev.weir.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/// Consistent copies of a file that may be in use: SQLite reads one state of it and writes it
/// compactly, without deleted data. Writers do not wait; their log grows in the meantime.
final class DatabaseCopies {
  /// Number of pre-migration backups that are retained for each schema version.
  static final int RETAINED_BACKUPS = 3;

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private DatabaseCopies() {}

  /// A copy for a client. Its file is in the store's folder, which has space for it, and is already
  /// unlinked when this returns.
  static Backup stream(Path file, SqliteSettings settings, Instant now) {
    @Nullable Path copy = null;
    try {
      copy = Files.createTempFile(PrivateFile.folderOf(file), "weir.db.", ".copy");
      StoreCounters storeCounters = make(file, copy, settings, now);
      return new Backup(
          storeCounters.revision(),
          storeCounters.auditSequence(),
          storeCounters.auditHead(),
          Files.size(copy),
          Files.newInputStream(copy, StandardOpenOption.DELETE_ON_CLOSE));
    } catch (IOException e) {
      throw failed(copy, "cannot make a copy of " + file, e);
    } catch (RuntimeException e) {
      throw failed(copy, e);
    }
  }

  /// Makes a backup before a migration, in the file's folder; it appears complete or not at all.
  /// Deletes the oldest backups of this schema version beyond `KEPT`.
  ///
  /// @return the backup's path
  static Path beforeMigration(Path file, int version, SqliteSettings settings, Instant now) {
    String prefix = file.getFileName() + ".v" + version + ".";
    Path backup = file.resolveSibling(prefix + STAMP.format(now) + ".backup");
    Path partial = file.resolveSibling(backup.getFileName() + ".partial");
    try {
      PrivateFile.create(partial);
      var _ = make(file, partial, settings, now);
      PrivateFile.moveIntoPlace(partial, backup);
      prune(PrivateFile.folderOf(file), prefix);
      return backup;
    } catch (IOException e) {
      throw failed(partial, "cannot write the backup " + backup, e);
    } catch (RuntimeException e) {
      throw failed(partial, e);
    }
  }

  /// The names end with the time, so sorting by name sorts by age.
  private static void prune(Path folder, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> surplus =
          files
              .filter(file -> file.getFileName().toString().startsWith(prefix))
              .filter(file -> file.getFileName().toString().endsWith(".backup"))
              .sorted(Comparator.reverseOrder())
              .skip(RETAINED_BACKUPS)
              .toList();
      for (Path old : surplus) {
        Files.deleteIfExists(old);
      }
    }
  }

  /// @param copy an existing empty file
  private static StoreCounters make(Path file, Path copy, SqliteSettings settings, Instant now) {
    try (Handle handle = Jdbi.open(() -> Database.connect(file, Database.reading(settings)))) {
      handle.execute("VACUUM INTO ?", copy.toString());
    }
    try (Handle handle = Jdbi.open(() -> Database.connect(copy, alone()))) {
      if (Schema.versionOf(handle) >= Origin.SINCE) {
        Origin.copied(handle, now);
      }
      return StoreCounters.read(handle);
    }
  }

  /// No other process uses the copy, and it is discarded on failure.
  private static SQLiteConfig alone() {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.MEMORY);
    return config;
  }

  private static StoreException failed(@Nullable Path copy, String what, IOException e) {
    discard(copy);
    return new StoreException(
        StoreFailures.trouble(e), what + ": " + StoreFailures.why(e) + "; nothing was changed", e);
  }

  private static RuntimeException failed(@Nullable Path copy, RuntimeException e) {
    discard(copy);
    return copy == null ? e : StoreFailures.explain(copy, e);
  }

  private static void discard(@Nullable Path copy) {
    try {
      if (copy != null) {
        Files.deleteIfExists(copy);
      }
    } catch (IOException e) {
      // The next start deletes it.
      return;
    }
  }
}
