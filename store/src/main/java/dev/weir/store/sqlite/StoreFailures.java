// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Trouble;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// Describes what failed, where, and the remedy.
final class StoreFailures {
  /// The remedy for a damaged store.
  static final String RESTORE_A_BACKUP =
      ": stop Weir, keep the file, and `weir restore` a backup into an empty folder";

  /// The low byte of an extended SQLite result code is its primary code.
  private static final int PRIMARY = 0xFF;

  private StoreFailures() {}

  /// Explains a failed statement or transaction. Failures from outside SQLite are returned
  /// unchanged.
  static RuntimeException explain(Path file, RuntimeException failure) {
    return cause(failure)
        .<RuntimeException>map(e ->
            new StoreException(
                trouble(primary(e.getResultCode())), describe(file, e.getResultCode()), failure))
        .orElse(failure);
  }

  static StoreException opening(Path folder, IOException failure) {
    return new StoreException(
        trouble(failure),
        "cannot use the data folder "
            + folder
            + " ("
            + why(failure)
            + "): make it writable for this user, free space, or choose another folder",
        failure);
  }

  private static Optional<SQLiteException> cause(@Nullable Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof SQLiteException sqlite) {
        return Optional.of(sqlite);
      }
    }
    return Optional.empty();
  }

  private static SQLiteErrorCode primary(SQLiteErrorCode code) {
    return SQLiteErrorCode.getErrorCode(code.code & PRIMARY);
  }

  private static Trouble trouble(SQLiteErrorCode primary) {
    return switch (primary) {
      case SQLITE_FULL -> Trouble.FULL;
      case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH -> Trouble.READ_ONLY;
      case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL -> Trouble.LOCKED;
      case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT -> Trouble.DAMAGED;
      default -> Trouble.OTHER;
    };
  }

  /// Classifies a failure by the operating system's message, the only information available.
  static Trouble trouble(IOException failure) {
    String why = why(failure);
    if (why.contains("No space left") || why.contains("quota exceeded")) {
      return Trouble.FULL;
    }
    return failure instanceof AccessDeniedException || why.contains("Read-only file system")
        ? Trouble.READ_ONLY
        : Trouble.OTHER;
  }

  /// In common cases, Java's message is only the path.
  static String why(IOException failure) {
    return switch (failure) {
      case NoSuchFileException _ -> "there is no such file or folder";
      case AccessDeniedException _ -> "permission denied";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> String.valueOf(failure.getMessage());
    };
  }

  private static String describe(Path file, SQLiteErrorCode code) {
    return switch (primary(code)) {
      case SQLITE_FULL ->
          "the disk that holds " + file + " is full; nothing was changed: free space and try again";
      case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH ->
          file
              + " cannot be written (read-only file, folder or disk); nothing was changed: make it"
              + " writable for this user";
      case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL ->
          file
              + " is locked by another program (an open sqlite3 shell, a backup tool); nothing was"
              + " changed: close it and try again";
      case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT ->
          file + " is damaged (" + code + ")" + RESTORE_A_BACKUP;
      case SQLITE_CANTOPEN ->
          file + " cannot be opened: check that the folder exists and belongs to this user";
      case SQLITE_IOERR ->
          "reading or writing "
              + file
              + " failed ("
              + code
              + "); nothing was changed: check the disk and try again";
      default -> file + ": " + code.message + " (" + code + "); nothing was changed";
    };
  }
}
