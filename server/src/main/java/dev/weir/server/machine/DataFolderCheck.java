// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.machine;

import dev.weir.cli.doctor.CheckResult;
import dev.weir.server.configuration.UsageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Checks the data folder for `weir doctor`: its user, its permissions and the integrity of its
/// store.
final class DataFolderCheck {
  private static final String CHECK = "data folder";
  private static final long LOW_BYTES = 1L << 30;
  private static final long CRITICAL_BYTES = 64L << 20;
  private static final Duration MAX_CLOCK_SKEW = Duration.ofSeconds(5);

  /// The byte that the store locks.
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private final Path folder;
  private final InstantSource clock;
  private final List<CheckResult> findings = new ArrayList<>();

  DataFolderCheck(Path folder, InstantSource clock) {
    this.folder = folder;
    this.clock = clock;
  }

  List<CheckResult> findings() {
    if (Files.notExists(folder)) {
      findings.add(
          CheckResult.ok(CHECK, folder + " does not exist yet; the first start creates it"));
    } else if (!Files.isDirectory(folder)) {
      findings.add(
          CheckResult.problem(
              CHECK, folder + " is a file", "set a folder with --data or WEIR_DATA"));
    } else {
      folder();
      space();
      store();
    }
    return findings;
  }

  private void folder() {
    if (!Files.isWritable(folder)) {
      findings.add(
          CheckResult.problem(
              CHECK,
              folder + " is not writable for " + System.getProperty("user.name"),
              "start Weir as the folder's owner, or chown it"));
      return;
    }
    String mode = mode();
    findings.add(
        mode.endsWith("------")
            ? CheckResult.ok(CHECK, folder + " is writable" + usedBy())
            : CheckResult.warning(
                CHECK,
                folder + " has mode " + mode + ": other users can read it",
                "chmod 700 it: it contains keys"));
  }

  private String mode() {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
    } catch (IOException | UnsupportedOperationException e) {
      return "------";
    }
  }

  private String usedBy() {
    return user().map(pid -> ", used by pid " + pid).orElse(", not in use");
  }

  /// The process that holds the folder's lock; 0 if the lock file has no pid.
  Optional<Long> user() {
    Path lock = folder.resolve("weir.lock");
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.READ)) {
      FileLock free = channel.tryLock(LOCKED_BYTE, 1, true);
      if (free != null) {
        return Optional.empty();
      }
      String pid = Files.readString(lock).strip();
      return Optional.of(pid.matches("\\d{1,10}") ? Long.parseLong(pid) : 0L);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void space() {
    try {
      long free = Files.getFileStore(folder).getUsableSpace();
      String found = (free >> 20) + " MiB free for the store and replicas' logs";
      if (free < CRITICAL_BYTES) {
        findings.add(
            CheckResult.problem("disk", found, "free disk space: writes will be rejected"));
      } else if (free < LOW_BYTES) {
        findings.add(CheckResult.warning("disk", found, "free disk space before the disk is full"));
      } else {
        findings.add(CheckResult.ok("disk", found));
      }
    } catch (IOException e) {
      findings.add(
          CheckResult.warning("disk", UsageException.why(e), "check that the disk is mounted"));
    }
  }

  // --- the store

  private void store() {
    Path file = folder.resolve("weir.db");
    if (Files.notExists(file)) {
      findings.add(CheckResult.ok("store", "does not exist yet; the first start creates it"));
      return;
    }
    writtenInTheFuture(file);
    if (user().isPresent()) {
      findings.add(
          CheckResult.ok("store", "in use; `weir audit verify` checks it while Weir runs"));
    } else {
      findings.add(integrity(file));
    }
  }

  private void writtenInTheFuture(Path file) {
    try {
      Instant written = Files.getLastModifiedTime(file).toInstant();
      if (written.isAfter(clock.instant().plus(MAX_CLOCK_SKEW))) {
        findings.add(
            CheckResult.warning(
                "clock",
                "is behind: the store was written at " + written,
                "set the clock; the order of entries is not affected"));
      }
    } catch (IOException e) {
      findings.add(
          CheckResult.problem("store", UsageException.why(e), "check the folder's permissions"));
    }
  }

  /// Read-only. SQLite's quick check reads every page, but not every index entry.
  private static CheckResult integrity(Path file) {
    String restore = "stop Weir and restore a backup with `weir restore`";
    try (Connection connection =
        DriverManager.getConnection("jdbc:sqlite:file:" + file + "?mode=ro")) {
      String result = first(connection, "PRAGMA quick_check(1)");
      String version = first(connection, "PRAGMA user_version");
      return result.equals("ok")
          ? CheckResult.ok("store", "is intact, schema version " + version)
          : CheckResult.problem("store", "is damaged: " + result, restore);
    } catch (SQLException e) {
      return CheckResult.problem("store", "is not readable: " + e.getMessage(), restore);
    }
  }

  private static String first(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    }
  }
}
