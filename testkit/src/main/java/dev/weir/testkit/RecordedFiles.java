// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/// Unpacks files that were recorded once and are kept as a zip resource of a test.
public final class RecordedFiles {
  private RecordedFiles() {}

  /// Writes every file of the archive into a folder that exists.
  ///
  /// @param owner the class that the resource's name is relative to
  public static void unpack(Class<?> owner, String resource, Path folder) throws IOException {
    try (InputStream in = owner.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("no resource " + resource + " beside " + owner.getName());
      }
      ZipInputStream zip = new ZipInputStream(in);
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = folder.resolve(entry.getName()).normalize();
        if (!file.startsWith(folder)) {
          throw new IOException("outside the folder: " + entry.getName());
        }
        Files.write(file, zip.readAllBytes());
      }
    }
  }
}
