// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.store.AuditDraft;
import dev.weir.store.AuditVerifier;
import dev.weir.store.Backup;
import dev.weir.store.RestoreEntry;
import dev.weir.store.Restored;
import dev.weir.store.StoreException;
import dev.weir.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteBackupTest {
  private static final AuditDraft TICK = AuditDraft.byWeir("tick", "");

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();

  private Path backup(SqliteStore store) throws IOException {
    Path file = Files.createTempFile(folder, "copy", ".backup");
    try (Backup backup = store.backup()) {
      assertThat(Files.write(file, backup.content().readAllBytes())).hasSize(backup.bytes());
    }
    return file;
  }

  private Path data() {
    return folder.resolve("data");
  }

  private Path target() {
    return folder.resolve("restored");
  }

  private Path backupOfThree() throws IOException {
    try (SqliteStore store = SqliteStore.open(data(), clock, "0.2.0")) {
      Commits.many(store, 3);
      return backup(store);
    }
  }

  @Test
  void a_backup_of_a_store_in_use_is_restored_with_its_state_at_that_time() throws Exception {
    Path file;
    String head;
    String identity;
    try (SqliteStore store = SqliteStore.open(data(), clock, "0.2.0")) {
      Commits.many(store, 3);
      var _ = store.record(TICK);
      head = store.auditHead().hash();
      identity = store.identity();
      clock.advance(Duration.ofHours(1));
      file = backup(store);
      Commits.many(store, 2);
    }
    Restored restored = SqliteStore.restore(file, target(), clock, "0.2.0");
    Instant start = new ManualClock().instant();
    assertThat(restored)
        .isEqualTo(
            new Restored(
                identity,
                3,
                2,
                head,
                Schema.known(),
                "0.2.0",
                Optional.of(start.plus(Duration.ofHours(1))),
                Optional.of(start)));
    try (SqliteStore store = SqliteStore.open(target(), clock)) {
      assertThat(store.revision()).isEqualTo(3);
      assertThat(store.identity()).isEqualTo(identity);
      assertThat(AuditVerifier.verify(store))
          .isEqualTo(new AuditVerifier.Verified(3, store.auditHead().hash()));
      assertThat(store.audit(2, 10))
          .singleElement()
          .satisfies(entry -> {
            assertThat(RestoreEntry.is(entry)).isTrue();
            assertThat(entry.previousHash()).isEqualTo(head);
            assertThat(entry.reason()).contains("up to entry 2");
          });
    }
  }

  @Test
  void a_copy_has_no_name_while_it_is_read_and_leaves_no_file() throws Exception {
    try (SqliteStore store = SqliteStore.open(data(), clock)) {
      Commits.many(store, 3);
      try (Backup backup = store.backup()) {
        assertThat(Sql.names(data())).noneMatch(name -> name.contains("copy"));
        assertThat(backup.revision()).isEqualTo(3);
        assertThat(backup.auditHead()).isEqualTo(store.auditHead().hash());
      }
    }
  }

  @Test
  void deleted_resources_are_not_in_a_backup() throws Exception {
    try (SqliteStore store = SqliteStore.open(data(), clock)) {
      store.observations().put("c", "k", "forgotten-4711");
      store.observations().delete("c", java.util.List.of("k"));
      assertThat(Files.readString(backup(store), java.nio.charset.StandardCharsets.ISO_8859_1))
          .doesNotContain("forgotten-4711");
    }
  }

  @Test
  void only_the_owner_can_read_a_restored_store() throws Exception {
    var _ = SqliteStore.restore(backupOfThree(), target(), clock, "0.2.0");
    assertThat(Files.getPosixFilePermissions(target())).hasSize(3);
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(target().resolve("weir.db"))))
        .isEqualTo("rw-------");
    assertThat(Sql.names(target())).containsExactly("weir.db", "weir.lock");
  }

  @Test
  void a_folder_that_is_not_empty_is_refused_and_left_unchanged() throws Exception {
    Path file = backupOfThree();
    Files.createDirectories(target());
    Files.writeString(target().resolve("notes.txt"), "mine");
    assertThatThrownBy(() -> SqliteStore.restore(file, target(), clock, "0.2.0"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is not empty (it contains notes.txt)");
    assertThat(Sql.names(target())).containsExactly("notes.txt");
    assertThatThrownBy(() -> SqliteStore.restore(file, data(), clock, "0.2.0"))
        .hasMessageContaining("is not empty (it contains store.id");
    assertThatThrownBy(() -> SqliteStore.restore(file, file, clock, "0.2.0"))
        .hasMessageContaining("is a file");
  }

  @Test
  void a_start_refuses_an_interrupted_restore_which_can_be_run_again() throws Exception {
    Path file = backupOfThree();
    Files.createDirectories(target());
    Files.writeString(target().resolve("weir.db.restoring"), "half");
    Files.writeString(target().resolve("weir.lock"), "4711\n");
    assertThatThrownBy(() -> SqliteStore.open(target(), clock))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("did not finish: run `weir restore` again");
    assertThat(SqliteStore.restore(file, target(), clock, "0.2.0").revision()).isEqualTo(3);
    SqliteStore.open(target(), clock).close();
  }

  @Test
  void a_damaged_backup_is_refused_and_leaves_no_folder() throws Exception {
    Path file = backupOfThree();
    Sql.run(file, "UPDATE resource SET body = replace(body, 'ada', 'eve') WHERE name = 'm1'");
    refused(file, "does not match its checksum");
    Path cut = backupOfThree();
    Files.write(cut, java.util.Arrays.copyOf(Files.readAllBytes(cut), 20_000));
    refused(cut, "is damaged");
    Path rewritten = backupOfThree();
    Sql.run(
        rewritten,
        "DROP TRIGGER audit_is_never_changed",
        "UPDATE audit SET reason = 'nothing' WHERE sequence = 1");
    refused(rewritten, "its audit log is broken");
    Path ahead = backupOfThree();
    Sql.run(ahead, "UPDATE ledger SET revision = 2");
    refused(ahead, "has revision");
  }

  @Test
  void a_file_that_is_not_a_backup_is_refused() throws Exception {
    Path text = Files.writeString(folder.resolve("text"), "no database ".repeat(1000));
    refused(text, "is damaged ([SQLITE_NOTADB]");
    refused(text, "): use another backup");
    Path foreign = folder.resolve("foreign.db");
    Sql.run(foreign, "CREATE TABLE precious (text TEXT)");
    refused(foreign, "not a Weir store");
    refused(folder, "is a folder");
    refused(folder.resolve("nothing"), "there is no file");
    Path newer = backupOfThree();
    Sql.run(newer, "PRAGMA user_version = 99");
    refused(newer, "schema version 99");
  }

  private void refused(Path file, String why) {
    assertThatThrownBy(() -> SqliteStore.restore(file, target(), clock, "0.2.0"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(why);
    assertThat(target()).doesNotExist();
  }
}
