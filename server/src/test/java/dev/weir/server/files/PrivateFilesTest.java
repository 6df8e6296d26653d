// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.weir.server.configuration.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFilesTest {
  @TempDir Path folder;

  @Test
  void only_the_owner_may_read_what_is_written() throws IOException {
    Path file = folder.resolve("key");
    PrivateFiles.replace(file, "secret\n");
    assertThat(permissions(file)).isEqualTo("rw-------");
    assertThat(Files.readString(file)).isEqualTo("secret\n");
  }

  @Test
  void a_file_that_others_may_read_is_replaced_by_one_that_they_may_not() throws IOException {
    Path file = Files.writeString(folder.resolve("key"), "old and much longer than the new one");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    PrivateFiles.replace(file, "new");
    assertThat(permissions(file)).isEqualTo("rw-------");
    assertThat(Files.readString(file)).isEqualTo("new");
  }

  @Test
  void leftovers_of_an_interrupted_write_are_harmless() throws IOException {
    Path file = folder.resolve("key");
    PrivateFiles.replace(file, "whole");
    Files.writeString(folder.resolve("key.part"), "ha");
    assertThat(Files.readString(file)).isEqualTo("whole");
    PrivateFiles.replace(file, "whole again");
    assertThat(Files.readString(file)).isEqualTo("whole again");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void a_reader_of_the_old_file_continues_to_read_the_old_text() throws IOException {
    Path file = folder.resolve("key");
    PrivateFiles.replace(file, "old");
    try (var open = Files.newInputStream(file)) {
      PrivateFiles.replace(file, "new");
      assertThat(open.readAllBytes()).asString().isEqualTo("old");
    }
  }

  @Test
  void a_text_is_created_once_and_then_reused() {
    Path file = folder.resolve("key");
    assertThat(PrivateFiles.readOrCreate(file, () -> "first")).isEqualTo("first");
    assertThat(PrivateFiles.readOrCreate(file, () -> "second")).isEqualTo("first");
  }

  @Test
  void only_its_owner_can_open_a_data_folder() throws IOException {
    Path data = folder.resolve("a/b");
    PrivateFiles.makeFolder(data);
    assertThat(permissions(data)).isEqualTo("rwx------");
    PrivateFiles.makeFolder(data);
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> PrivateFiles.makeFolder(file))
        .withMessageContaining("is a file");
    Path below = Path.of("/proc/nothing-here/data");
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> PrivateFiles.makeFolder(below))
        .withMessage("cannot create folder %s: no such file or folder", below);
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
