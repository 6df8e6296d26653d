// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.model.view.AuditEntry;
import dev.weir.store.AuditChain;
import dev.weir.store.AuditVerifier;
import dev.weir.store.RestoreEntry;
import dev.weir.store.Restored;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Trouble;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/// Restores a backup into an empty folder. The copy has a temporary name until it is verified, and
/// no start accepts a folder that contains that name. So an interrupted restore must be run again.
final class StoreRestore {
  private static final int PAGE = 1_000;
  private static final String USE_ANOTHER = ": use another backup";

  private final Path backup;
  private final Path folder;
  private final Path file;
  private final Path partial;
  private final String weir;

  private final InstantSource clock;

  private StoreRestore(Path backup, Path folder, InstantSource clock, String weir) {
    this.clock = clock;
    this.backup = backup;
    this.folder = folder;
    this.file = folder.resolve(SqliteStore.FILE);
    this.partial = partial(file);
    this.weir = weir;
  }

  static Path partial(Path file) {
    return file.resolveSibling(file.getFileName() + ".restoring");
  }

  static Restored run(Path backup, Path folder, InstantSource clock, String weir) {
    return new StoreRestore(backup, folder, clock, weir).run();
  }

  private Restored run() {
    boolean made = Files.notExists(folder);
    boolean restored = false;
    try {
      requireBackup();
      requireEmpty();
      FolderLock.makeFolder(folder);
      try (FolderLock _ = FolderLock.acquire(folder)) {
        requireEmpty();
        Restored found = copyAndCheck();
        recordRestore(found);
        PrivateFile.moveIntoPlace(partial, file);
        restored = true;
        return found;
      } finally {
        cleanUp();
      }
    } catch (IOException e) {
      throw new StoreException(
          StoreFailures.trouble(e),
          "cannot restore " + backup + " into " + folder + ": " + StoreFailures.why(e),
          e);
    } finally {
      if (made && !restored) {
        removeFolder();
      }
    }
  }

  private void requireBackup() {
    if (Files.isDirectory(backup)) {
      throw new StoreException(backup + " is a folder: name the file that `weir backup` wrote");
    }
    if (!Files.isReadable(backup)) {
      throw new StoreException("there is no file " + backup + " that can be read");
    }
  }

  /// Files of an interrupted attempt do not count.
  private void requireEmpty() throws IOException {
    if (Files.notExists(folder)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw new StoreException(folder + " is a file: specify an empty or a new folder");
    }
    String own = partial.getFileName().toString();
    try (Stream<Path> files = Files.list(folder)) {
      Optional<String> other =
          files
              .map(found -> found.getFileName().toString())
              .filter(name -> !name.startsWith(own) && !name.equals(FolderLock.FILE))
              .sorted()
              .findFirst();
      if (other.isPresent()) {
        throw new StoreException(
            folder
                + " is not empty (it contains "
                + other.get()
                + "): restore into an empty or new folder; move the old one away or specify"
                + " another with --data");
      }
    }
  }

  private Restored copyAndCheck() throws IOException {
    PrivateFile.create(partial);
    try (FileChannel from = FileChannel.open(backup, StandardOpenOption.READ);
        FileChannel to = FileChannel.open(partial, StandardOpenOption.WRITE)) {
      long size = from.size();
      for (long at = 0; at < size; ) {
        long copied = from.transferTo(at, size - at, to);
        if (copied <= 0) {
          throw new StoreException(backup + " was truncated while it was read");
        }
        at += copied;
      }
    }
    try (Handle handle =
        Jdbi.open(() -> Database.connect(partial, Database.reading(SqliteSettings.DEFAULT)))) {
      return check(handle);
    } catch (RuntimeException e) {
      throw unusable(StoreFailures.explain(backup, e));
    }
  }

  /// Records the restore in the audit log.
  private void recordRestore(Restored found) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    AuditEntry entry =
        AuditChain.append(
            found.auditEntries(),
            found.auditHead(),
            RestoreEntry.draft(found.auditEntries(), found.copiedAt()),
            now,
            0,
            Optional.empty(),
            Optional.empty());
    try (Handle handle = Jdbi.open(() -> Database.connect(partial, Database.newFileConfig()))) {
      handle.useTransaction(writing -> {
        new AuditTable().write(writing, entry);
        StoreCounters.read(writing).withAudit(entry).write(writing);
      });
    } catch (RuntimeException e) {
      throw StoreFailures.explain(partial, e);
    }
  }

  private Restored check(Handle handle) {
    int version = StoreInspection.requireKnown(backup, handle, weir);
    StoreInspection.requireIntact(backup, handle, "integrity_check");
    StoreCounters storeCounters = StoreCounters.read(handle);
    requireResources(handle, version, storeCounters);
    requireAudit(handle, storeCounters);
    Origin origin = version >= Origin.SINCE ? Origin.read(handle) : Origin.UNKNOWN;
    return new Restored(
        version >= StoreIdentity.SINCE ? StoreIdentity.read(handle) : "",
        storeCounters.revision(),
        storeCounters.auditSequence(),
        storeCounters.auditHead(),
        version,
        origin.writtenBy(),
        origin.copiedAt(),
        new AuditTable()
            .after(handle, storeCounters.auditSequence() - 1, 1).stream()
                .map(AuditEntry::at)
                .findFirst());
  }

  /// Checks that each resource is readable, intact, and not newer than the revision counter.
  private void requireResources(Handle handle, int version, StoreCounters storeCounters) {
    ModelJson json = new ModelJson(backup);
    String checksum = version >= Origin.SINCE ? "checksum" : "NULL AS checksum";
    try (Stream<StoredBody> bodies =
        handle
            .createQuery(
                "SELECT kind, namespace, name, revision, body, " + checksum + " FROM resource")
            .map((row, _) -> StoredBody.of("resource", row))
            .stream()) {
      bodies
          .map(json::read)
          .filter(resource -> resource.metadata().revision() > storeCounters.revision())
          .findFirst()
          .ifPresent(resource -> {
            throw damaged(
                resource.ref()
                    + " has revision "
                    + resource.metadata().revision()
                    + ", the newest is "
                    + storeCounters.revision());
          });
    }
  }

  private void requireAudit(Handle handle, StoreCounters storeCounters) {
    AuditTable audit = new AuditTable();
    Iterator<AuditEntry> log = AuditVerifier.pages(after -> audit.after(handle, after, PAGE));
    switch (AuditVerifier.verify(log, Optional.of(storeCounters.auditHead()))) {
      case AuditVerifier.Verified(long entries, String _) -> {
        if (entries != storeCounters.auditSequence()) {
          throw damaged(
              "it has " + entries + " audit entries, not " + storeCounters.auditSequence());
        }
      }
      case AuditVerifier.Broken(long _, String reason) ->
          throw damaged("its audit log is broken: " + reason);
    }
  }

  /// The remedy for a damaged backup is another backup, not a restore.
  private static RuntimeException unusable(RuntimeException failure) {
    String message = String.valueOf(failure.getMessage());
    return failure instanceof StoreException damaged
            && message.contains(StoreFailures.RESTORE_A_BACKUP)
        ? new StoreException(
            damaged.trouble(),
            message.replace(StoreFailures.RESTORE_A_BACKUP, USE_ANOTHER),
            damaged)
        : failure;
  }

  private StoreException damaged(String problem) {
    return new StoreException(
        Trouble.DAMAGED, backup + " is damaged (" + problem + ")" + USE_ANOTHER);
  }

  /// Deletes the files of a failed or finished attempt.
  private void cleanUp() throws IOException {
    for (String suffix : List.of("", "-journal", "-wal", "-shm")) {
      Files.deleteIfExists(partial.resolveSibling(partial.getFileName() + suffix));
    }
  }

  /// Deletes a folder that this attempt created. If that fails, the folder is empty and harmless.
  private void removeFolder() {
    try {
      Files.deleteIfExists(folder.resolve(FolderLock.FILE));
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      return;
    }
  }
}
