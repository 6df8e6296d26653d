// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReadyFileTest {
  @TempDir Path folder;

  @Test
  void the_file_has_the_addresses_of_a_running_weir() throws IOException {
    Path key = folder.resolve("admin.key");
    ReadyFile.in(folder)
        .write(
            Optional.of("http://127.0.0.1:8080"),
            Optional.of("https://[::1]:9090"),
            Optional.of(key));
    JsonNode read = read();
    assertThat(read.path("gateway").asString()).isEqualTo("http://127.0.0.1:8080");
    assertThat(read.path("control").asString()).isEqualTo("https://[::1]:9090");
    assertThat(read.path("pid").asLong()).isEqualTo(ProcessHandle.current().pid());
    assertThat(read.path("adminKeyFile").asString()).isEqualTo(key.toString());
  }

  @Test
  void a_plane_that_does_not_run_is_not_named() throws IOException {
    ReadyFile.in(folder)
        .write(Optional.of("http://127.0.0.1:1"), Optional.empty(), Optional.empty());
    assertThat(read().propertyNames()).containsExactly("gateway", "pid");
  }

  @Test
  void the_file_is_removed_at_the_end_and_a_second_removal_is_harmless() throws IOException {
    ReadyFile ready = ReadyFile.in(folder);
    ready.write(Optional.empty(), Optional.empty(), Optional.empty());
    ready.remove();
    ready.remove();
    assertThat(folder.resolve("weir.json")).doesNotExist();
  }

  private JsonNode read() throws IOException {
    return JsonMapper.shared().readTree(Files.readString(folder.resolve("weir.json")));
  }
}
