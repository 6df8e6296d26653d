// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.AuditDraft;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Trouble;
import dev.weir.testkit.ManualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damaged files: the store never serves them as valid.
final class DamageTest {
  private static final AuditDraft TICK = AuditDraft.byWeir("tick", "");

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();

  private Path file() {
    return folder.resolve(SqliteStore.FILE);
  }

  private void fill() {
    try (SqliteStore store = SqliteStore.open(folder, clock)) {
      Commits.many(store, 100);
    }
  }

  private void refused(String... texts) {
    assertThatThrownBy(() -> SqliteStore.open(folder, clock))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContainingAll(texts);
  }

  @Test
  void a_damaged_page_is_named_by_the_next_start() throws Exception {
    fill();
    int page =
        Integer.parseInt(
            Sql.ask(file(), "SELECT rootpage FROM sqlite_master" + " WHERE name = 'event'"));
    overwrite((page - 1) * 4096L, new byte[64]);
    refused("is damaged", "weir restore");
  }

  @Test
  void a_changed_letter_is_detected_by_the_read_of_its_row() throws Exception {
    fill();
    Sql.run(file(), "UPDATE resource SET body = replace(body, 'ada', 'eve') WHERE name = 'm7'");
    Sql.run(file(), "UPDATE event SET body = replace(body, 'ada', 'eve') WHERE revision = 8");
    try (SqliteStore store = SqliteStore.open(folder, clock)) {
      assertThat(store.get(ResourceRef.of(Kind.MODEL, "default", "m8"))).isPresent();
      assertThatThrownBy(() -> store.get(ResourceRef.of(Kind.MODEL, "default", "m7")))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.trouble()).isEqualTo(Trouble.DAMAGED))
          .hasMessageContaining("does not match its checksum")
          .hasMessageContaining("table resource, Model default/m7, revision 8");
      assertThatThrownBy(() -> store.list(Kind.MODEL, "")).isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> store.changes(0, Set.of(), 100))
          .hasMessageContaining("table event, Model, revision 8");
      assertThat(store.damagedResources(10))
          .containsExactly("table resource, Model default/m7, revision 8");
      assertThat(store.changes(8, Set.of(), 100)).hasSize(92);
      assertThat(store.record(TICK).sequence()).isEqualTo(2);
    }
  }

  @Test
  void a_shortened_file_is_refused() throws Exception {
    fill();
    long size = Files.size(file());
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      channel.truncate(size / 2);
    }
    refused("is damaged");
  }

  @Test
  void an_empty_file_does_not_count_as_a_new_store() throws Exception {
    fill();
    Files.write(file(), new byte[0]);
    refused("is missing", "weir.db is empty", "weir restore", "--adopt-store");
    assertThat(Files.size(file())).isZero();
  }

  @Test
  void a_missing_file_beside_its_log_does_not_count_as_a_new_store() throws Exception {
    fill();
    Files.move(file(), folder.resolve("weir.db-wal"));
    refused("is missing but its write-ahead log exists");
    assertThat(Sql.names(folder)).containsExactly("store.id", "weir.db-wal", "weir.lock");
  }

  @Test
  void a_file_that_is_not_a_database_is_reported_and_kept() throws Exception {
    String text = "this is no database ".repeat(500);
    Files.writeString(file(), text);
    refused("damaged", "weir restore");
    assertThat(Files.readString(file())).isEqualTo(text);
  }

  @Test
  void a_database_of_another_program_is_reported_and_kept() throws Exception {
    Sql.run(file(), "CREATE TABLE precious (text TEXT)", "PRAGMA user_version = 1");
    refused("a file of another program");
    assertThat(Sql.ask(file(), "SELECT name FROM sqlite_master")).isEqualTo("precious");
  }

  @Test
  void an_interrupted_start_leaves_a_usable_folder() throws Exception {
    Files.write(folder.resolve("weir.db.new"), new byte[0]);
    try (SqliteStore store = SqliteStore.open(folder, clock)) {
      assertThat(store.record(TICK).sequence()).isEqualTo(1);
    }
    assertThat(Sql.names(folder)).containsExactly("store.id", "weir.db", "weir.lock");
  }

  @Test
  void a_leftover_pid_blocks_no_start() throws Exception {
    Files.writeString(folder.resolve("weir.lock"), ProcessHandle.current().pid() + "\n");
    SqliteStore.open(folder, clock).close();
  }

  private void overwrite(long at, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), at);
    }
  }
}
