// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.server.configuration.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataFolderTest {
  @TempDir Path folder;

  @Test
  void writable_folders_are_created_and_stay_empty() {
    Path data = folder.resolve("data");
    DataFolder.requireUsable(data, data.resolve("gateway"));
    assertThat(data.resolve("gateway")).isEmptyDirectory();
    assertThat(data).isDirectoryNotContaining("glob:**probe*");
  }

  @Test
  void all_problems_are_reported_at_once_with_their_remedies() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    Path blocked = Files.createDirectory(folder.resolve("blocked"));
    Files.createDirectories(blocked.resolve(".weir-probe/in-the-way"));
    assertThatThrownBy(() -> DataFolder.requireUsable(file, blocked))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(file + " is a file")
        .hasMessageContaining("cannot write " + blocked.resolve(".weir-probe"))
        .hasMessageContaining("Nothing was started")
        .hasMessageContaining("free space");
  }
}
