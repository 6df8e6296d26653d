// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.view.AuditEntry;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DenialLogTest {
  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();
  private Store store;
  private DenialLog denialLog;

  @BeforeEach
  void open() {
    store = SqliteStore.open(folder, clock);
    denialLog = new DenialLog(store, clock);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void the_first_denial_is_written_at_once_and_the_rest_of_the_minute_as_a_count() {
    for (int i = 0; i < 1_000; i++) {
      denialLog.denied("vera", "10.0.0.1", "r" + i, "GET /x", "no " + i);
    }
    assertThat(log()).extracting(AuditEntry::reason).containsExactly("GET /x: no 0");
    clock.advance(DenialLog.WINDOW);
    denialLog.flush();
    assertThat(log())
        .extracting(AuditEntry::reason)
        .containsExactly("GET /x: no 0", "999 more within 60 s, the last GET /x: no 999");
    assertThat(log().getLast().requestId()).isEqualTo("r999");
    assertThat(log()).extracting(AuditEntry::principal).containsOnly("vera");
  }

  @Test
  void a_new_minute_starts_with_an_entry_of_its_own() {
    denialLog.denied("vera", "10.0.0.1", "r1", "GET /x", "no");
    clock.advance(DenialLog.WINDOW);
    denialLog.flush();
    denialLog.denied("vera", "10.0.0.1", "r2", "GET /x", "no");
    assertThat(log()).extracting(AuditEntry::requestId).containsExactly("r1", "r2");
  }

  @Test
  void a_window_that_still_runs_is_not_flushed_but_closing_writes_it() {
    denialLog.denied("", "10.0.0.1", "r1", "GET /x", "no");
    denialLog.denied("", "10.0.0.1", "r2", "GET /x", "no");
    denialLog.flush();
    assertThat(log()).hasSize(1);
    denialLog.close();
    assertThat(log()).hasSize(2);
    assertThat(log()).extracting(AuditEntry::principal).containsOnly("anonymous");
  }

  @Test
  void a_flood_from_everywhere_is_bounded_and_hides_no_known_principal() {
    for (int i = 0; i < 5_000; i++) {
      denialLog.denied("", "10.1." + i / 250 + "." + i % 250, "r", "GET /x", "no");
    }
    denialLog.denied("vera", "10.0.0.1", "mine", "DELETE /y", "no");
    assertThat(log()).hasSize(DenialLog.MAX_ANONYMOUS + 2);
    assertThat(log().getLast().principal()).isEqualTo("vera");
    denialLog.close();
    assertThat(log()).hasSize(DenialLog.MAX_ANONYMOUS + 3);
    int others = 5_000 - DenialLog.MAX_ANONYMOUS - 1;
    assertThat(log().getLast().reason()).startsWith(others + " more within 60 s");
  }

  private List<AuditEntry> log() {
    return store.audit(0, 10_000);
  }
}
