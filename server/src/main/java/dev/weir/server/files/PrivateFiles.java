// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.files;

import dev.weir.server.configuration.UsageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Supplier;

/// Files that only their owner can read. Writes are atomic.
public final class PrivateFiles {
  private PrivateFiles() {}

  public static void makeFolder(Path folder) {
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      throw new UsageException(folder + " is a file, but the data folder must be a folder");
    } catch (IOException e) {
      throw new UsageException("cannot create folder " + folder + ": " + UsageException.why(e));
    }
  }

  /// The file's text. A missing file is first written durably with `initial`. Callers store what a
  /// key unlocks afterwards, so that a crash in between loses nothing.
  public static String readOrCreate(Path file, Supplier<String> initial) {
    try {
      if (!Files.exists(file)) {
        replace(file, initial.get() + "\n");
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UsageException(
          "cannot read or create "
              + file
              + " ("
              + UsageException.why(e)
              + "): free space, or make file and folder readable and writable for this user");
    }
  }

  /// Writes the text to a temporary file, syncs it and renames it.
  ///
  /// @throws FileSystemException naming the file
  static void replace(Path file, String text) throws IOException {
    try {
      write(file, text);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw (IOException)
          new FileSystemException(file.toString(), null, e.getMessage()).initCause(e);
    }
  }

  private static void write(Path file, String text) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.deleteIfExists(part);
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel =
        FileChannel.open(
            part,
            options,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
