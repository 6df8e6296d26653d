// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;

/// Files that are replaced atomically, synced before they are renamed, and readable by their owner
/// only. Each file is written by one thread.
final class DurableFile {
  private DurableFile() {}

  /// Replaces the file durably: after this returns the content survives a power failure.
  static void replace(Path file, List<byte[]> content) throws IOException {
    Path folder = folder(file);
    Files.createDirectories(folder);
    Path replacement = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(replacement);
    try (var channel =
        FileChannel.open(
            replacement,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            ownerOnly(folder))) {
      for (byte[] part : content) {
        writeFully(channel, ByteBuffer.wrap(part));
      }
      channel.force(true);
    }
    Files.move(
        replacement, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncFolder(folder);
  }

  private static Path folder(Path file) {
    Path parent = file.getParent();
    if (parent == null) {
      throw new IllegalStateException("a gateway's file cannot be the root folder");
    }
    return parent;
  }

  private static FileAttribute<?>[] ownerOnly(Path folder) {
    return folder.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  // The rename is durable only after its folder is synced.
  private static void syncFolder(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
