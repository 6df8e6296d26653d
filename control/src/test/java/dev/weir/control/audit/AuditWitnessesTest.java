// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.audit.AuditHash;
import dev.weir.model.view.AuditContradiction;
import dev.weir.model.view.AuditEntry;
import dev.weir.model.view.AuditReport;
import dev.weir.snapshot.StoreHead;
import dev.weir.store.AuditDraft;
import dev.weir.store.AuditVerifier;
import dev.weir.store.Backup;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditWitnessesTest {
  private static final AuditDraft ANN =
      new AuditDraft("ann", "127.0.0.1", "r-1", "", "", "allowed", "disk lost");

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();
  private final Memory memory = new Memory();
  private Path data = Path.of("");
  private Store store;
  private AuditWitnesses witnesses;

  private static final class Memory implements WitnessMemory {
    private List<Witness> kept = List.of();

    @Override
    public List<Witness> load() {
      return kept;
    }

    @Override
    public void save(List<Witness> witnesses) {
      kept = List.copyOf(witnesses);
    }
  }

  @BeforeEach
  void open() {
    data = folder.resolve("data");
    start();
    record(10);
  }

  private void start() {
    store = SqliteStore.open(data, clock);
    witnesses = new AuditWitnesses(store, memory, clock, clock);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void record(int entries) {
    for (int i = 0; i < entries; i++) {
      var _ = store.record(AuditDraft.byWeir("tick", "because"));
    }
    clock.advance(Duration.ofSeconds(1));
  }

  private StoreHead head() {
    clock.advance(Duration.ofSeconds(1));
    return witnesses.head();
  }

  /// Somebody with the file changes it while the control plane is stopped.
  private void tamper(List<AuditEntry> log) throws SQLException {
    store.close();
    String head = log.isEmpty() ? AuditHash.GENESIS : log.getLast().hash();
    try (Connection file = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("weir.db"))) {
      file.createStatement().execute("DROP TRIGGER audit_is_never_deleted");
      file.createStatement().execute("DELETE FROM audit");
      for (AuditEntry entry : log) {
        insert(file, entry);
      }
      file.createStatement()
          .execute(
              "UPDATE ledger SET audit_sequence = %d, audit_head = '%s'"
                  .formatted(log.size(), head));
    }
    start();
  }

  private static void insert(Connection file, AuditEntry entry) throws SQLException {
    try (PreparedStatement row =
        file.prepareStatement("INSERT INTO audit VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)")) {
      List<Object> values =
          List.of(
              entry.sequence(),
              entry.at().toString(),
              entry.principal(),
              entry.sourceAddress(),
              entry.requestId(),
              entry.action(),
              entry.subject(),
              entry.revision(),
              entry.outcome());
      for (int i = 0; i < values.size(); i++) {
        row.setObject(i + 1, values.get(i));
      }
      row.setString(12, entry.reason());
      row.setString(13, entry.previousHash());
      row.setString(14, entry.hash());
      row.execute();
    }
  }

  private List<AuditEntry> log() {
    return new ArrayList<>(store.audit(0, 1_000));
  }

  /// The log with another reason in one entry, and a chain that is whole again.
  private static List<AuditEntry> rewritten(List<AuditEntry> log, int from, String reason) {
    List<AuditEntry> forged = new ArrayList<>(log.subList(0, from));
    for (AuditEntry entry : log.subList(from, log.size())) {
      String previous = forged.isEmpty() ? AuditHash.GENESIS : forged.getLast().hash();
      String why = forged.size() == from ? reason : entry.reason();
      forged.add(sealed(entry, entry.action(), why, previous));
    }
    return forged;
  }

  private static AuditEntry sealed(
      AuditEntry entry, String action, String reason, String previous) {
    AuditEntry open = copy(entry, action, reason, previous, "");
    return copy(entry, action, reason, previous, AuditHash.of(open));
  }

  private static AuditEntry copy(
      AuditEntry entry, String action, String reason, String previous, String hash) {
    return new AuditEntry(
        entry.sequence(),
        entry.at(),
        entry.principal(),
        entry.sourceAddress(),
        entry.requestId(),
        action,
        entry.subject(),
        entry.revision(),
        entry.outcome(),
        Optional.empty(),
        Optional.empty(),
        reason,
        previous,
        hash);
  }

  private void requireThatTheLogVouchesForItself() {
    assertThat(AuditVerifier.verify(store)).isInstanceOf(AuditVerifier.Verified.class);
  }

  private AuditContradiction only() {
    AuditReport report = witnesses.verify();
    assertThat(report.contradictions()).hasSize(1);
    return report.contradictions().getFirst();
  }

  @Test
  void a_whole_log_is_verified_and_says_how_many_witnessed_it() {
    assertThat(witnesses.verify().verified()).isTrue();
    assertThat(witnesses.verify().witnesses()).isZero();
    assertThat(witnesses.recordReported("gw-1", head())).isTrue();
    record(3);
    assertThat(witnesses.recordReported("gw-2", head())).isTrue();
    AuditReport report = witnesses.verify();
    assertThat(report.verified()).isTrue();
    assertThat(report.witnesses()).isEqualTo(2);
    assertThat(report.entries()).isEqualTo(13);
  }

  @Test
  void a_log_cut_off_together_with_its_head_is_found_by_the_gateway_that_was_sent_more()
      throws SQLException {
    witnesses.recordReported("gw-1", head());
    tamper(log().subList(0, 6));
    requireThatTheLogVouchesForItself();
    AuditReport report = witnesses.verify();
    assertThat(report.verified()).isFalse();
    assertThat(report.firstBad()).contains(7L);
    assertThat(report.reason())
        .contains("gateway gw-1 was sent entry 10")
        .contains("the log ends with entry 6");
  }

  @Test
  void an_emptied_log_is_found() throws SQLException {
    witnesses.recordReported("gw-1", head());
    tamper(List.of());
    requireThatTheLogVouchesForItself();
    assertThat(witnesses.verify().firstBad()).contains(1L);
  }

  @Test
  void a_log_rewritten_with_a_new_chain_is_found_with_both_hashes() throws SQLException {
    StoreHead held = head();
    witnesses.recordReported("gw-1", held);
    tamper(rewritten(log(), 4, "nothing happened"));
    requireThatTheLogVouchesForItself();
    AuditContradiction found = only();
    assertThat(found.sequence()).isEqualTo(10);
    assertThat(found.held()).isEqualTo(held.auditHead());
    assertThat(found.found()).isEqualTo(store.auditHead().hash());
    assertThat(witnesses.verify().verified()).isFalse();
  }

  @Test
  void a_gateway_that_comes_back_after_the_log_has_grown_again_is_not_sent_a_newer_head()
      throws SQLException {
    StoreHead held = head();
    tamper(log().subList(0, 6));
    record(20);
    assertThat(witnesses.recordReported("gw-1", held)).isFalse();
    assertThat(memory.kept).extracting(Witness::head).containsExactly(held);
    assertThat(only().gateway()).isEqualTo("gw-1");
  }

  @Test
  void what_a_gateway_says_later_does_not_replace_a_head_that_the_log_lost() throws SQLException {
    witnesses.recordReported("gw-1", head());
    tamper(log().subList(0, 6));
    record(20);
    assertThat(witnesses.recordReported("gw-1", head())).isTrue();
    assertThat(only().sequence()).isEqualTo(10);
  }

  @Test
  void heads_of_another_store_or_of_none_say_nothing() {
    assertThat(witnesses.recordReported("gw-1", new StoreHead("ab".repeat(16), 99, "c".repeat(64))))
        .isTrue();
    assertThat(witnesses.recordReported("gw-1", StoreHead.UNKNOWN)).isTrue();
    assertThat(witnesses.all()).isEmpty();
  }

  /// Restores a backup of six entries fewer than the gateway was sent.
  private StoreHead restoreOlder() throws Exception {
    Path file = folder.resolve("backup");
    try (Backup backup = store.backup()) {
      Files.copy(backup.content(), file);
    }
    record(6);
    StoreHead held = head();
    witnesses.recordReported("gw-1", held);
    store.close();
    data = folder.resolve("restored");
    var _ = SqliteStore.restore(file, data, clock, "test");
    start();
    return held;
  }

  @Test
  void a_restore_explains_later_heads_once_an_operator_says_that_it_is_true() throws Exception {
    StoreHead held = restoreOlder();
    assertThat(witnesses.recordReported("gw-1", held)).isFalse();
    AuditReport report = witnesses.verify();
    assertThat(report.verified()).as("nobody has acknowledged it").isFalse();
    assertThat(report.reason())
        .contains("entry 11 records that the store was restored from a backup")
        .contains("entries 11 to 16 of the lost store are not in this log")
        .contains("weir audit acknowledge 11");

    assertThat(witnesses.acknowledge(10, ANN)).as("no restore").isEmpty();
    assertThat(witnesses.acknowledge(11, ANN)).isPresent();
    AuditReport acknowledged = witnesses.verify();
    assertThat(acknowledged.verified()).isTrue();
    assertThat(acknowledged.contradictions())
        .singleElement()
        .satisfies(c -> assertThat(c.message()).contains("acknowledged by ann"));
    assertThat(witnesses.recordReported("gw-1", held)).as("the gateway may go on").isTrue();
    assertThat(witnesses.recordReported("gw-1", head())).isTrue();
    assertThat(witnesses.verify().contradictions()).isEmpty();
  }

  @Test
  void a_forged_restore_entry_explains_nothing_by_itself() throws SQLException {
    witnesses.recordReported("gw-1", head());
    List<AuditEntry> forged = log().subList(0, 6);
    AuditEntry next = log().get(6);
    forged.add(sealed(next, "store.restore", "restored", forged.getLast().hash()));
    tamper(forged);
    requireThatTheLogVouchesForItself();
    assertThat(witnesses.verify().verified()).isFalse();
    assertThat(only().restore()).contains(7L);
    assertThat(only().acknowledged()).isFalse();
  }

  @Test
  void an_acknowledged_restore_explains_no_rewriting_before_it() throws Exception {
    witnesses.recordReported("gw-2", head());
    restoreOlder();
    assertThat(witnesses.acknowledge(11, ANN)).isPresent();
    tamper(rewritten(log(), 4, "nothing happened"));
    assertThat(witnesses.verify().verified()).isFalse();
    assertThat(witnesses.verify().reason()).contains("gateway gw-2 was sent entry 10");
  }
}
