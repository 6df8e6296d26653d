// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatedFileTest {
  @TempDir Path folder;

  private void write(String... texts) throws IOException {
    try (RotatedFile file = new RotatedFile(folder.resolve("access.log"), 10)) {
      for (String text : texts) {
        file.write(text.getBytes(UTF_8));
      }
    }
  }

  @Test
  void a_full_file_is_replaced_by_a_new_one_at_the_end_of_a_line() throws IOException {
    write("one\ntwo\n", "three\nfo", "ur\n");
    assertThat(folder.resolve("access.log.1")).hasContent("one\ntwo\nthree\n");
    assertThat(folder.resolve("access.log")).hasContent("four\n");
  }

  @Test
  void a_reopened_file_is_appended_to_and_one_old_file_is_kept() throws IOException {
    write("one\n");
    write("second\n", "third\n", "fourth\nend");
    assertThat(folder.resolve("access.log.1")).hasContent("third\nfourth\n");
    assertThat(folder.resolve("access.log")).hasContent("end");
  }
}
