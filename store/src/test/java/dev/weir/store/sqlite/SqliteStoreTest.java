// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.model.view.AuditEntry;
import dev.weir.store.AuditDraft;
import dev.weir.store.AuditVerifier;
import dev.weir.store.CompactedException;
import dev.weir.store.StoreException;
import dev.weir.testkit.ManualClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteStoreTest {
  /// Does not wait for locks, so that a locked file is reported at once.
  private static final SqliteSettings IMPATIENT = new SqliteSettings(2, 0, 10_000, 100);

  private static final AuditDraft TICK = AuditDraft.byWeir("tick", "");

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();

  @Test
  void a_folder_has_one_owner_in_this_process() throws Exception {
    try (SqliteStore first = SqliteStore.open(folder, clock)) {
      first.record(TICK);
      assertThatThrownBy(() -> SqliteStore.open(folder, clock))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(folder.toRealPath().toString())
          .hasMessageContaining("pid " + ProcessHandle.current().pid());
      first.record(TICK);
    }
    SqliteStore.open(folder, clock).close();
  }

  @Test
  void only_the_owner_may_read_what_is_stored() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (SqliteStore store = SqliteStore.open(folder, clock)) {
      store.record(TICK);
      for (String name : List.of("weir.db", "weir.db-wal", "weir.db-shm")) {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(folder.resolve(name));
        assertThat(PosixFilePermissions.toString(mode)).as(name).isEqualTo("rw-------");
      }
    }
  }

  @Test
  void another_process_finds_the_folder_locked_even_after_a_second_try_here() throws Exception {
    try (SqliteStore _ = SqliteStore.open(folder, clock)) {
      assertThatThrownBy(() -> SqliteStore.open(folder, clock)).isInstanceOf(StoreException.class);
      assertThat(openInAnotherProcess())
          .contains("in use by process " + ProcessHandle.current().pid())
          .contains(folder.toRealPath().toString());
    }
    assertThat(openInAnotherProcess()).isEqualTo("opened");
  }

  private String openInAnotherProcess() throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Opener.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader output =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      return String.valueOf(output.readLine());
    } finally {
      assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  /// Tries to open the folder and prints the result.
  static final class Opener {
    private Opener() {}

    public static void main(String[] args) {
      try (SqliteStore _ = SqliteStore.open(Path.of(args[0]), InstantSource.system())) {
        System.out.println("opened");
      } catch (StoreException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void the_folder_is_created_for_its_owner_only() throws Exception {
    Path fresh = folder.resolve("a/b");
    SqliteStore.open(fresh, clock).close();
    assertThat(Files.getPosixFilePermissions(fresh)).hasSize(3);
    assertThat(fresh.resolve("weir.db")).exists();
  }

  @Test
  void a_folder_that_is_a_file_is_refused_with_its_name() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> SqliteStore.open(file, clock))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void a_full_disk_is_reported_and_leaves_no_change() {
    try (SqliteStore store = SqliteStore.open(folder, clock)) {
      AuditEntry before = store.record(TICK);
      String large = "x".repeat(500_000);
      store.database().write(handle -> handle.execute("PRAGMA max_page_count = 60"));
      assertThatThrownBy(() -> store.record(AuditDraft.byWeir("tick", large)))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("is full")
          .hasMessageContaining(folder.resolve("weir.db").toString());
      assertThat(store.audit(0, 10)).containsExactly(before);
      assertThat(store.record(AuditDraft.byWeir("tick", large)).sequence()).isEqualTo(2);
      assertThat(AuditVerifier.verify(store)).isInstanceOf(AuditVerifier.Verified.class);
    }
  }

  @Test
  void a_read_only_file_is_reported() {
    try (SqliteStore store = SqliteStore.open(folder, clock)) {
      assertThatThrownBy(() -> store.database().write(SqliteStoreTest::writeReadOnly))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("cannot be written");
      assertThat(store.record(TICK).sequence()).isEqualTo(1);
    }
  }

  private static int writeReadOnly(Handle handle) {
    handle.execute("PRAGMA query_only = 1");
    return handle.execute("DELETE FROM observation");
  }

  @Test
  void a_file_locked_by_another_program_is_reported() throws Exception {
    try (SqliteStore store = SqliteStore.open(folder, clock, "dev", IMPATIENT)) {
      try (Connection other = connect()) {
        other.createStatement().execute("BEGIN IMMEDIATE");
        assertThatThrownBy(() -> store.record(TICK))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("locked by another program");
        other.createStatement().execute("ROLLBACK");
      }
      assertThat(store.record(TICK).sequence()).isEqualTo(1);
    }
  }

  @Test
  void the_audit_table_refuses_changes() throws Exception {
    try (SqliteStore store = SqliteStore.open(folder, clock)) {
      store.record(TICK);
    }
    assertThatThrownBy(() -> sql("UPDATE audit SET principal = 'eve'"))
        .hasMessageContaining("append-only");
    assertThatThrownBy(() -> sql("DELETE FROM audit")).hasMessageContaining("append-only");
  }

  @Test
  void entries_removed_by_another_program_are_detected() throws Exception {
    try (SqliteStore store = SqliteStore.open(folder, clock)) {
      store.record(TICK);
      store.record(TICK);
    }
    sql("DROP TRIGGER audit_is_never_deleted", "DELETE FROM audit WHERE sequence = 2");
    try (SqliteStore store = SqliteStore.open(folder, clock)) {
      assertThat(AuditVerifier.verify(store))
          .isInstanceOfSatisfying(
              AuditVerifier.Broken.class, b -> assertThat(b.firstBadSequence()).isEqualTo(2));
    }
  }

  @Test
  void the_event_log_is_bounded_automatically() {
    SqliteSettings few = new SqliteSettings(1, 5_000, 10_000, 10);
    try (SqliteStore store = SqliteStore.open(folder, clock, "dev", few)) {
      Commits.many(store, (int) CommitWriter.COMPACTION_PERIOD + 5);
      assertThat(store.changes(store.revision() - 10, Set.of(), 100)).hasSize(10);
      assertThatThrownBy(() -> store.changes(store.revision() - 11, Set.of(), 1))
          .isInstanceOf(CompactedException.class);
    }
  }

  @Test
  void one_compaction_blocks_writers_for_only_a_bounded_number_of_events() {
    int revisions = (int) EventTable.MAX_CONCURRENT + 500;
    try (SqliteStore store = SqliteStore.open(folder, clock)) {
      Commits.many(store, revisions);
      EventTable events = new EventTable(new ModelJson(folder));
      StoreCounters once =
          store.database().write(h -> events.compact(h, StoreCounters.read(h), 10));
      assertThat(once.eventsFloor()).isEqualTo(EventTable.MAX_CONCURRENT);
    }
    try (SqliteStore store = SqliteStore.open(folder, clock)) {
      store.compact(10);
      assertThat(store.changes(revisions - 10, Set.of(), 100)).hasSize(10);
      assertThatThrownBy(() -> store.changes(revisions - 11, Set.of(), 1))
          .isInstanceOf(CompactedException.class);
    }
  }

  @Test
  void a_closed_store_is_one_file() throws Exception {
    try (SqliteStore store = SqliteStore.open(folder, clock)) {
      Commits.many(store, 3);
    }
    assertThat(Sql.names(folder)).containsExactly("store.id", "weir.db", "weir.lock");
  }

  @Test
  void every_commit_reaches_the_disk_before_it_is_acknowledged() {
    try (SqliteStore store = SqliteStore.open(folder, clock)) {
      List<String> settings =
          store
              .database()
              .write(handle ->
                  Stream.of("journal_mode", "synchronous", "foreign_keys")
                      .map(p -> handle.createQuery("PRAGMA " + p).mapTo(String.class).one())
                      .toList());
      assertThat(settings).containsExactly("wal", "2", "1");
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("weir.db"));
  }

  private void sql(String... statements) throws SQLException {
    try (Connection connection = connect()) {
      for (String statement : statements) {
        connection.createStatement().execute(statement);
      }
    }
  }
}
