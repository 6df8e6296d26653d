// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.model.Model;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.AnalysisStates.AnalysisState;
import dev.weir.store.AuditDraft;
import dev.weir.store.AuditVerifier;
import dev.weir.store.AuditVerifier.Verified;
import dev.weir.store.StoreEvent;
import dev.weir.store.StoreException;
import dev.weir.testkit.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MigrationTest {
  private static final String HEAD =
      "a2f5c39a9ee3e66265c9becc76fb7ef18a07ea4e889bd4d701194314793a1365";
  private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();

  @Test
  void a_recorded_store_of_version_1_is_migrated_with_all_its_contents() throws Exception {
    Path file = Sql.recordedVersion1(folder);
    try (SqliteStore store = SqliteStore.open(folder, clock, "0.2.0")) {
      assertThat(store.revision()).isEqualTo(7);
      assertThat(AuditVerifier.verify(store)).isEqualTo(new Verified(7, HEAD));
      ResourceRef chat = ResourceRef.of(Kind.MODEL, "default", "chat");
      assertThat(((Model) store.get(chat).orElseThrow()).spec().owner()).isEqualTo("grace");
      assertThat(store.history(chat, 10)).hasSize(2);
      assertThat(store.list(Kind.SERVICE, "")).hasSize(1);
      assertThat(store.changes(0, Set.of(), 100))
          .extracting(StoreEvent::revision)
          .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
      assertThat(store.observations().get("notes", "k")).contains("seen");
      assertThat(store.analysis().get("default/chat-1"))
          .contains(new AnalysisState("c1", "{\"n\":1}"));
      assertThat(store.record(AuditDraft.byWeir("tick", "")).sequence()).isEqualTo(8);
    }
    assertThat(Sql.ask(file, "PRAGMA user_version")).isEqualTo("3");
    assertThat(Sql.ask(file, "SELECT made_at FROM origin")).isEqualTo(MADE.toString());
    assertThat(Sql.ask(file, "SELECT written_by FROM origin")).isEqualTo("0.2.0");
  }

  @Test
  void the_backup_made_before_a_migration_is_the_old_store() throws Exception {
    Sql.recordedVersion1(folder);
    SqliteStore.open(folder, clock).close();
    Path backup = folder.resolve("weir.db.v1.20260101T000000Z.backup");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)))
        .isEqualTo("rw-------");
    assertThat(Sql.ask(backup, "PRAGMA user_version")).isEqualTo("1");
    assertThat(Sql.ask(backup, "SELECT audit_head FROM ledger")).isEqualTo(HEAD);
    Path elsewhere = folder.resolve("restored");
    assertThat(SqliteStore.restore(backup, elsewhere, clock, "0.2.0").schemaVersion()).isEqualTo(1);
    try (SqliteStore store = SqliteStore.open(elsewhere, clock)) {
      assertThat(AuditVerifier.verify(store)).isEqualTo(new Verified(8, store.auditHead().hash()));
      assertThat(store.audit(7, 1).getFirst().previousHash()).isEqualTo(HEAD);
    }
  }

  @Test
  void a_migration_interrupted_after_its_backup_is_done_by_the_next_start() throws Exception {
    Path file = Sql.recordedVersion1(folder);
    Path backup = DatabaseCopies.beforeMigration(file, 1, SqliteSettings.DEFAULT, clock.instant());
    clock.advance(Duration.ofSeconds(1));
    SqliteStore.open(folder, clock).close();
    assertThat(Sql.ask(file, "PRAGMA user_version")).isEqualTo("3");
    assertThat(backup).exists();
  }

  @Test
  void only_a_few_newest_backups_are_kept() throws Exception {
    Path file = Sql.recordedVersion1(folder);
    for (int i = 0; i < DatabaseCopies.RETAINED_BACKUPS + 2; i++) {
      var _ = DatabaseCopies.beforeMigration(file, 1, SqliteSettings.DEFAULT, clock.instant());
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(Sql.names(folder).stream().filter(name -> name.endsWith(".backup")))
        .containsExactly(
            "weir.db.v1.20260101T000002Z.backup",
            "weir.db.v1.20260101T000003Z.backup",
            "weir.db.v1.20260101T000004Z.backup");
  }

  @Test
  void a_newer_store_is_refused_with_both_versions_and_left_unchanged() throws Exception {
    SqliteStore.open(folder, clock, "0.9.0").close();
    Path file = folder.resolve(SqliteStore.FILE);
    Sql.run(file, "PRAGMA user_version = 99");
    byte[] before = Files.readAllBytes(file);
    assertThatThrownBy(() -> SqliteStore.open(folder, clock, "0.2.0"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("last written by Weir 0.9.0")
        .hasMessageContaining("schema version 99")
        .hasMessageContaining("this is Weir 0.2.0")
        .hasMessageContaining("up to " + Schema.known())
        .hasMessageContaining("start the newer Weir");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    Sql.run(file, "PRAGMA user_version = " + Schema.known());
    SqliteStore.open(folder, clock, "0.9.0").close();
  }

  @Test
  void a_start_of_the_same_version_writes_nothing() throws Exception {
    SqliteStore.open(folder, clock, "0.2.0").close();
    Path file = folder.resolve(SqliteStore.FILE);
    byte[] before = Files.readAllBytes(file);
    clock.advance(Duration.ofDays(1));
    SqliteStore.open(folder, clock, "0.2.0").close();
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    SqliteStore.open(folder, clock, "0.3.0").close();
    assertThat(Sql.ask(file, "SELECT made_by || ' ' || written_by FROM origin"))
        .isEqualTo("0.2.0 0.3.0");
    assertThat(Sql.ask(file, "SELECT made_at FROM origin")).isEqualTo(MADE.toString());
  }

  @Test
  void partial_files_of_a_killed_process_are_removed() throws Exception {
    SqliteStore.open(folder, clock).close();
    for (String name :
        List.of("weir.db.123.copy", "weir.db.v1.x.backup.partial", "weir.db.new-journal")) {
      Files.writeString(folder.resolve(name), "half");
    }
    Files.writeString(folder.resolve("weir.db.v1.x.backup"), "whole");
    SqliteStore.open(folder, clock).close();
    assertThat(Sql.names(folder))
        .containsExactly("store.id", "weir.db", "weir.db.v1.x.backup", "weir.lock");
  }

  @Test
  void the_origin_of_an_unknown_file_is_unknown() throws Exception {
    Path file = Sql.recordedVersion1(folder);
    try (var handle =
        org.jdbi.v3.core.Jdbi.open(
            () -> Database.connect(file, Database.reading(SqliteSettings.DEFAULT)))) {
      assertThat(Origin.readIfPresent(handle)).isEqualTo(Origin.UNKNOWN);
      assertThat(Origin.UNKNOWN.madeAt()).isEqualTo(Optional.empty());
    }
  }
}
