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
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteDataSource;

/// Brings the file to the schema this program knows: a backup first, then Flyway with a fixed list
/// of scripts. A file that is already there (`PRAGMA user_version`) never starts Flyway, which
/// keeps starting quick; a newer one is refused untouched.
final class Schema {
  private static final Logger LOG = LoggerFactory.getLogger(Schema.class);

  /// In order; the newest is the version this program knows.
  private static final List<String> SCRIPTS = List.of("V1__first.sql");

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private Schema() {}

  static int known() {
    return SCRIPTS.size();
  }

  /// @throws StoreException when the file is newer than this program, damaged, or not writable
  static void bringUpToDate(Path file, Settings settings, InstantSource clock) {
    int found = Files.exists(file) ? versionOf(file, settings) : 0;
    if (found > known()) {
      throw new StoreException(
          file
              + " has schema version "
              + found
              + ", this Weir knows up to "
              + known()
              + ": start the newer Weir again, or put back the backup made before it migrated");
    }
    if (found == known()) {
      return;
    }
    if (found > 0) {
      backup(file, found, settings, clock);
    } else {
      makePrivate(file);
    }
    migrate(file, settings);
    LOG.info("store migrated file={} from={} to={}", file, found, known());
  }

  /// Readable by its owner only, also in a folder that others may enter; SQLite gives the files
  /// beside it the same mode.
  private static void makePrivate(Path file) {
    try {
      if (Files.notExists(file)
          && Files.getFileStore(file.toAbsolutePath().getParent())
              .supportsFileAttributeView("posix")) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
    } catch (IOException e) {
      throw new StoreException("cannot make " + file + ": " + e.getMessage(), e);
    }
  }

  private static int versionOf(Path file, Settings settings) {
    try (Handle handle =
        Jdbi.create(() -> Database.connect(file, Database.writing(settings))).open()) {
      return handle.createQuery("PRAGMA user_version").mapTo(Integer.class).one();
    } catch (RuntimeException e) {
      throw Failures.explain(file, e);
    }
  }

  static void backup(Path file, int version, Settings settings, InstantSource clock) {
    Path copy =
        file.resolveSibling(
            file.getFileName() + ".v" + version + "." + STAMP.format(clock.instant()) + ".backup");
    Database.copy(file, copy, settings);
    LOG.info("store backed up before migration file={} backup={}", file, copy);
  }

  private static void migrate(Path file, Settings settings) {
    SQLiteDataSource source = new SQLiteDataSource(Database.writing(settings));
    source.setUrl("jdbc:sqlite:" + file);
    try {
      Flyway.configure(Schema.class.getClassLoader())
          .dataSource(source)
          .loggers("slf4j")
          .locations(new String[0])
          .resourceProvider(new FixedScripts())
          .javaMigrationClassProvider(List::of)
          .skipDefaultCallbacks(true)
          .load()
          .migrate();
    } catch (FlywayException e) {
      RuntimeException explained = Failures.explain(file, e);
      throw explained instanceof StoreException
          ? explained
          : new StoreException(
              "cannot bring " + file + " to schema version " + known() + ": " + e.getMessage(), e);
    }
  }

  /// The scripts by name, so that nothing on the class path is scanned or picked up by accident.
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
