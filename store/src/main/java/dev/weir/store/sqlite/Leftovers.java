// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Incomplete files of a process that died. The owner of the folder may delete them.
final class Leftovers {
  private Leftovers() {}

  /// Deletes leftovers of the store `file`: copies for clients, partial backups, a partial store.
  static void remove(Path file) {
    String name = file.getFileName().toString();
    try (Stream<Path> files = Files.list(PrivateFile.folderOf(file))) {
      List<Path> old =
          files.filter(found -> leftover(name, found.getFileName().toString())).toList();
      for (Path found : old) {
        Files.deleteIfExists(found);
      }
    } catch (IOException e) {
      throw StoreFailures.opening(PrivateFile.folderOf(file), e);
    }
  }

  private static boolean leftover(String store, String name) {
    return name.startsWith(store + ".")
        && (name.endsWith(".copy") || name.endsWith(".partial") || name.startsWith(store + ".new"));
  }
}
