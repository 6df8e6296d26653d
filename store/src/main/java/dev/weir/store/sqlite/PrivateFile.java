// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// Files that only their owner can read, and that appear complete or not at all.
final class PrivateFile {
  private PrivateFile() {}

  /// Creates an empty file; SQLite gives its auxiliary files the same mode.
  static void create(Path file) throws IOException {
    Files.deleteIfExists(file);
    if (posix(file)) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } else {
      Files.createFile(file);
    }
  }

  /// Renames a complete file and replaces an existing one. File and name are durable when this
  /// returns.
  static void moveIntoPlace(Path file, Path name) throws IOException {
    force(file, StandardOpenOption.WRITE);
    Files.move(file, name, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    if (posix(name)) {
      force(folderOf(name), StandardOpenOption.READ);
    }
  }

  static Path folderOf(Path file) {
    return file.toAbsolutePath().resolveSibling("");
  }

  private static void force(Path file, StandardOpenOption option) throws IOException {
    try (FileChannel channel = FileChannel.open(file, option)) {
      channel.force(true);
    }
  }

  private static boolean posix(Path file) throws IOException {
    return Files.getFileStore(folderOf(file)).supportsFileAttributeView("posix");
  }
}
