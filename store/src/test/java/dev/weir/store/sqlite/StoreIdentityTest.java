// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.store.Opening;
import dev.weir.store.StoreException;
import dev.weir.testkit.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoreIdentityTest {
  private static final List<String> KEYS = List.of("admin.key", "gateway.key");
  private static final Opening WITH_KEYS = new Opening(false, KEYS);
  private static final Opening ADOPTING = new Opening(true, KEYS);

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();

  private String open(Opening opening, long seed) {
    try (SqliteStore store = SqliteStore.open(folder, clock, new Random(seed), "0.2.0", opening)) {
      return store.identity();
    }
  }

  private void refused(Opening opening, String... texts) {
    assertThatThrownBy(() -> open(opening, 99))
        .isInstanceOf(StoreException.class)
        .hasMessageContainingAll(texts);
  }

  private String named() throws Exception {
    return Files.readString(folder.resolve("store.id")).strip();
  }

  @Test
  void a_new_store_draws_a_permanent_identity_and_writes_it_beside_the_database() throws Exception {
    String first = open(WITH_KEYS, 1);
    assertThat(first).matches("[0-9a-f]{32}");
    assertThat(open(WITH_KEYS, 2)).isEqualTo(first);
    assertThat(named()).isEqualTo(first);
  }

  @Test
  void two_stores_have_two_identities() throws Exception {
    String first = open(WITH_KEYS, 1);
    folder = Files.createDirectory(folder.resolve("other"));
    assertThat(open(WITH_KEYS, 2)).isNotEqualTo(first);
  }

  @Test
  void a_lost_database_is_reported_with_path_and_remedy_and_not_recreated() throws Exception {
    String lost = open(WITH_KEYS, 1);
    Files.delete(folder.resolve("weir.db"));
    refused(
        WITH_KEYS,
        folder.resolve("weir.db") + " does not exist",
        "store.id names store " + lost,
        "weir restore",
        "Mount the volume",
        "--adopt-store");
    assertThat(folder.resolve("weir.db")).doesNotExist();
    assertThat(named()).isEqualTo(lost);
  }

  @Test
  void an_emptied_database_is_lost_too_even_without_an_identity_file() throws Exception {
    open(WITH_KEYS, 1);
    Files.write(folder.resolve("weir.db"), new byte[0]);
    refused(WITH_KEYS, "weir.db is empty", "--adopt-store");
    Files.delete(folder.resolve("store.id"));
    refused(WITH_KEYS, "weir.db is empty", "--adopt-store");
    assertThat(open(ADOPTING, 2)).isEqualTo(named());
  }

  @Test
  void key_files_alone_show_that_a_store_existed() throws Exception {
    Files.writeString(folder.resolve("admin.key"), "wk_x");
    refused(WITH_KEYS, "its key files exist: [admin.key]", "--adopt-store");
    assertThat(folder.resolve("weir.db")).doesNotExist();
  }

  @Test
  void a_replaced_database_is_refused() throws Exception {
    String first = open(WITH_KEYS, 1);
    Path elsewhere = folder.resolve("elsewhere");
    SqliteStore.open(elsewhere, clock, new Random(2), "0.2.0", WITH_KEYS).close();
    Files.copy(
        elsewhere.resolve("weir.db"),
        folder.resolve("weir.db"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    refused(WITH_KEYS, "but " + folder.resolve("store.id") + " names store " + first);
    refused(WITH_KEYS, "--adopt-store");
  }

  @Test
  void an_operator_can_accept_a_new_store_once() throws Exception {
    String lost = open(WITH_KEYS, 1);
    Files.delete(folder.resolve("weir.db"));
    String adopted = open(ADOPTING, 2);
    assertThat(adopted).isNotEqualTo(lost);
    assertThat(named()).isEqualTo(adopted);
    assertThat(open(WITH_KEYS, 3)).isEqualTo(adopted);
  }

  @Test
  void a_leftover_log_is_kept_even_when_a_new_store_is_accepted() throws Exception {
    open(WITH_KEYS, 1);
    Files.move(folder.resolve("weir.db"), folder.resolve("weir.db-wal"));
    refused(ADOPTING, "its write-ahead log exists", "move the log away");
    Files.write(folder.resolve("weir.db"), new byte[0]);
    refused(ADOPTING, "its write-ahead log exists");
  }

  @Test
  void after_a_kill_before_the_identity_file_was_written_the_next_start_writes_it()
      throws Exception {
    String first = open(WITH_KEYS, 1);
    Files.delete(folder.resolve("store.id"));
    assertThat(open(WITH_KEYS, 2)).isEqualTo(first);
    assertThat(named()).isEqualTo(first);
    Files.writeString(folder.resolve("store.id.new"), "hal");
    Files.delete(folder.resolve("store.id"));
    assertThat(open(WITH_KEYS, 3)).isEqualTo(first);
    assertThat(Sql.names(folder)).containsExactly("store.id", "weir.db", "weir.lock");
  }

  @Test
  void an_invalid_identity_file_is_reported_and_rewritten_on_demand() throws Exception {
    String first = open(WITH_KEYS, 1);
    Files.writeString(folder.resolve("store.id"), "nothing");
    refused(WITH_KEYS, "store.id does not contain a store identity", "--adopt-store");
    assertThat(open(ADOPTING, 2)).isEqualTo(first);
    assertThat(named()).isEqualTo(first);
  }

  @Test
  void an_old_store_gets_one_identity_however_often_it_is_migrated() throws Exception {
    Sql.recordedVersion1(folder);
    String migrated = open(WITH_KEYS, 1);
    folder = folder.resolve("again");
    Sql.recordedVersion1(folder);
    assertThat(open(WITH_KEYS, 2)).isEqualTo(migrated).matches("[0-9a-f]{32}");
  }

  @Test
  void a_copied_folder_is_the_same_store() throws Exception {
    String first = open(WITH_KEYS, 1);
    Path copy = Files.createDirectory(folder.resolve("copy"));
    for (String name : List.of("weir.db", "store.id")) {
      Files.copy(folder.resolve(name), copy.resolve(name));
    }
    folder = copy;
    assertThat(open(WITH_KEYS, 2)).isEqualTo(first);
  }
}
