// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.files;

import dev.weir.server.configuration.UsageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Checks that the folders are usable before anything starts.
public final class DataFolder {
  /// The minimum that a start writes: the store's shared memory and log, keys, the ready file.
  private static final int PROBE_BYTES = 256 * 1024;

  private static final String PROBE = ".weir-probe";

  private DataFolder() {}

  /// Creates the folders and writes a probe file into each.
  ///
  /// @throws UsageException naming each unusable folder, the reason and the remedy
  public static void requireUsable(Path... folders) {
    List<String> problems = new ArrayList<>();
    for (Path folder : folders) {
      problem(folder).ifPresent(problems::add);
    }
    if (!problems.isEmpty()) {
      throw new UsageException(
          String.join("; ", problems)
              + ". Nothing was started: free space on the disk, or make the"
              + " folder writable for this user, and start again");
    }
  }

  private static Optional<String> problem(Path folder) {
    try {
      PrivateFiles.makeFolder(folder);
      probe(folder.resolve(PROBE));
      return Optional.empty();
    } catch (UsageException e) {
      return Optional.ofNullable(e.getMessage());
    } catch (IOException e) {
      return Optional.of(
          "cannot write " + folder.resolve(PROBE) + " (" + UsageException.why(e) + ")");
    }
  }

  private static void probe(Path file) throws IOException {
    try {
      Files.deleteIfExists(file);
      try (FileChannel channel =
          FileChannel.open(
              file,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        ByteBuffer bytes = ByteBuffer.allocate(PROBE_BYTES);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
