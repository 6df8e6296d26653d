// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/// The files of this checkout.
record Checkout(Path root) {
  private static final Set<String> IGNORED = Set.of("target", ".git", "node_modules", "shared");

  /// The checkout that holds the working folder.
  static Checkout here() {
    return Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
        .filter(folder -> Files.exists(folder.resolve("docs/internals")))
        .findFirst()
        .map(Checkout::new)
        .orElseThrow();
  }

  List<MarkdownPage> pages() {
    return files(root, ".md").stream().map(MarkdownPage::read).toList();
  }

  /// The pages below a folder.
  List<MarkdownPage> pages(String folder) {
    return files(folder, ".md").stream().map(MarkdownPage::read).toList();
  }

  List<Path> javaFiles() {
    return files(root, ".java");
  }

  List<Path> files(String folder, String ending) {
    return files(root.resolve(folder), ending);
  }

  String text(String path) {
    return text(root.resolve(path));
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> files(Path folder, String ending) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .sorted()
          .filter(entry -> !IGNORED.contains(entry.getFileName().toString()))
          .flatMap(entry -> filesAt(entry, ending).stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> filesAt(Path entry, String ending) {
    if (Files.isDirectory(entry)) {
      return files(entry, ending);
    }
    return entry.toString().endsWith(ending) ? List.of(entry) : List.of();
  }
}
