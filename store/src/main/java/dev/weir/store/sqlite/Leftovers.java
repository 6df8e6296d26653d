// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Files that were being written when a process died. The owner of the folder may remove them.
final class Leftovers {
  private Leftovers() {}

  /// Of the store `file`: copies that were made for somebody, backups by half, a store by half.
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
