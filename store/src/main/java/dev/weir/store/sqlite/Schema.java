// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/// Migrates the file to this program's schema: first a backup, then Flyway with a fixed list of
/// scripts. An up-to-date file (`PRAGMA user_version`) skips Flyway for a fast start; a newer one
/// is rejected unchanged.
final class Schema {
  private static final Logger LOG = LoggerFactory.getLogger(Schema.class);

  /// In order; the last is the current schema version.
  private static final List<String> SCRIPTS =
      List.of("V1__first.sql", "V2__origin.sql", "V3__identity.sql");

  private Schema() {}

  static int known() {
    return SCRIPTS.size();
  }

  /// @param identity identity for a new store
  /// @param weir the version of this program
  /// @throws StoreException when the file is newer than this program, damaged, or not writable
  static void bringUpToDate(
      Path file, SqliteSettings settings, String identity, String weir, InstantSource clock) {
    if (Files.notExists(file)) {
      make(file, identity);
      return;
    }
    int found = inspect(file, settings, weir);
    if (found < known()) {
      Path backup = DatabaseCopies.beforeMigration(file, found, settings, clock.instant());
      LOG.atInfo()
          .addKeyValue("event", "store.backed.up")
          .addKeyValue("file", file)
          .addKeyValue("backup", backup)
          .log("The store is backed up before its migration");
      migrate(file, Database.writing(settings), identity);
      LOG.atInfo()
          .addKeyValue("event", "store.migrated")
          .addKeyValue("file", file)
          .addKeyValue("from", found)
          .addKeyValue("to", known())
          .log("The store is migrated to the current schema version");
    }
  }

  /// A new file has a temporary name until it is complete, so an empty file was never a store.
  private static void make(Path file, String identity) {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      PrivateFile.create(fresh);
      migrate(fresh, Database.newFileConfig(), identity);
      PrivateFile.moveIntoPlace(fresh, file);
    } catch (IOException e) {
      throw StoreFailures.opening(PrivateFile.folderOf(file), e);
    }
  }

  private static int inspect(Path file, SqliteSettings settings, String weir) {
    try (Handle handle = Jdbi.open(() -> Database.connect(file, Database.writing(settings)))) {
      int version = StoreInspection.requireKnown(file, handle, weir);
      if (Files.size(file) <= StoreInspection.MOST_CHECKED_BYTES) {
        StoreInspection.requireIntact(file, handle, "quick_check");
      }
      return version;
    } catch (IOException e) {
      throw StoreFailures.opening(file, e);
    } catch (RuntimeException e) {
      throw StoreFailures.explain(file, e);
    }
  }

  static int versionOf(Handle handle) {
    return handle.createQuery("PRAGMA user_version").mapTo(Integer.class).one();
  }

  private static void migrate(Path file, SQLiteConfig config, String identity) {
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    try {
      Flyway.configure(Schema.class.getClassLoader())
          .dataSource(source)
          .loggers("slf4j")
          .locations(new String[0])
          .resourceProvider(new FixedScripts())
          .javaMigrationClassProvider(List::of)
          .skipDefaultCallbacks(true)
          .placeholders(Map.of("identity", identity))
          .load()
          .migrate();
    } catch (FlywayException e) {
      RuntimeException explained = StoreFailures.explain(file, e);
      throw explained instanceof StoreException
          ? explained
          : new StoreException(
              "cannot bring " + file + " to schema version " + known() + ": " + e.getMessage(), e);
    }
  }

  /// The scripts by name, without a scan of the class path that could find other scripts.
  private static final class FixedScripts implements ResourceProvider {
    @Override
    public @Nullable LoadableResource getResource(String name) {
      return SCRIPTS.contains(name) ? new Script(name) : null;
    }

    @Override
    public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
      return SCRIPTS.stream()
          .filter(name -> name.startsWith(prefix) && endsWithOneOf(name, suffixes))
          .map(name -> (LoadableResource) new Script(name))
          .toList();
    }

    private static boolean endsWithOneOf(String name, String[] suffixes) {
      return List.of(suffixes).stream().anyMatch(name::endsWith);
    }
  }

  private static final class Script extends LoadableResource {
    private final String name;

    Script(String name) {
      this.name = name;
    }

    @Override
    public Reader read() {
      try (InputStream in = Schema.class.getResourceAsStream(name)) {
        if (in == null) {
          throw new IllegalStateException("not in this build: " + name);
        }
        return new StringReader(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public String getAbsolutePath() {
      return name;
    }

    @Override
    public String getAbsolutePathOnDisk() {
      return name;
    }

    @Override
    public String getFilename() {
      return name;
    }

    @Override
    public String getRelativePath() {
      return name;
    }
  }
}
