// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Trouble;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// One process per data folder: a lock on `weir.lock`, which the operating system releases when the
/// process ends for any reason. The file contains the owner's pid for error messages.
final class FolderLock implements AutoCloseable {
  static final String FILE = "weir.lock";

  /// A POSIX lock belongs to the process and is lost when *any* of the process's handles on the
  /// file is closed. So a second attempt within this process must fail before it opens a handle.
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  /// Far beyond the pid, so that the pid stays readable where locks are mandatory (Windows).
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  static FolderLock acquire(Path folder) throws IOException {
    Path real = folder.toRealPath();
    long self = ProcessHandle.current().pid();
    if (!HELD_HERE.add(real)) {
      throw taken(real, "this process (pid " + self + ")");
    }
    FolderLock lock = null;
    try {
      lock = lockFile(real, self);
      return lock;
    } finally {
      if (lock == null) {
        HELD_HERE.remove(real);
      }
    }
  }

  private static FolderLock lockFile(Path folder, long self) throws IOException {
    FileChannel channel = FileChannel.open(folder.resolve(FILE), CREATE, READ, WRITE);
    boolean kept = false;
    try {
      @Nullable FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
      if (lock == null) {
        throw taken(folder, "process " + ownerIn(channel));
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((self + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
      kept = true;
      return new FolderLock(folder, channel);
    } finally {
      if (!kept) {
        channel.close();
      }
    }
  }

  private static String ownerIn(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(32);
    channel.read(text, 0);
    String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
    return pid.isEmpty() ? "(pid not known)" : pid;
  }

  private static StoreException taken(Path folder, String owner) {
    return new StoreException(
        Trouble.LOCKED,
        "the data folder "
            + folder
            + " is in use by "
            + owner
            + ": stop it, or choose another folder");
  }

  /// The file itself stays: deleting it would let two processes lock two files of one name.
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new StoreException("cannot release the lock on " + folder + ": " + e.getMessage(), e);
    } finally {
      HELD_HERE.remove(folder);
    }
  }

  /// Creates the folder if necessary; a new one is accessible only to its owner.
  static void makeFolder(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Files.createDirectories(folder);
    if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(
          folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    }
  }
}
