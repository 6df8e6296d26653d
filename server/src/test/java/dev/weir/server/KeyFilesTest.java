// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyFilesTest {
  private static final Path ADMIN = Path.of("/data/admin.key");
  private static final Path OWN = Path.of("/home/ann/own.key");

  @TempDir Path folder;

  @Test
  void a_context_keeps_a_key_file_that_the_control_plane_accepts() {
    assertThat(KeyFiles.forContext(Optional.of(OWN), ADMIN, Set.of(OWN, ADMIN)::contains))
        .contains(OWN);
    assertThat(KeyFiles.forContext(Optional.of(OWN), ADMIN, Set.of(OWN)::contains)).contains(OWN);
  }

  @Test
  void a_context_without_an_accepted_key_gets_the_admin_key() {
    assertThat(KeyFiles.forContext(Optional.empty(), ADMIN, Set.of(ADMIN)::contains))
        .contains(ADMIN);
    assertThat(KeyFiles.forContext(Optional.of(OWN), ADMIN, Set.of(ADMIN)::contains))
        .contains(ADMIN);
  }

  @Test
  void a_context_never_gets_a_revoked_admin_key() {
    assertThat(KeyFiles.forContext(Optional.of(OWN), ADMIN, _ -> false)).isEmpty();
  }

  @Test
  void a_start_names_the_admin_key_only_while_it_is_accepted() {
    assertThat(KeyFiles.line(ADMIN, _ -> true)).isEqualTo("admin key /data/admin.key");
    assertThat(KeyFiles.line(ADMIN, _ -> false))
        .isEqualTo("admin key none (/data/admin.key does not exist, or its key is revoked)");
  }

  @Test
  void a_file_contains_one_key() throws Exception {
    assertThat(KeyFiles.key(Files.writeString(folder.resolve("key"), "weir_key\n")))
        .contains("weir_key");
    assertThat(KeyFiles.key(folder.resolve("missing"))).isEmpty();
  }
}
