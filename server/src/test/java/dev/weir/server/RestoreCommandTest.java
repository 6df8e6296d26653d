// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.access.AccessControl;
import dev.weir.control.access.AccessDecision;
import dev.weir.control.access.Bootstrap;
import dev.weir.control.access.Keys;
import dev.weir.control.change.StoreChangeExecutor;
import dev.weir.store.AuditVerifier;
import dev.weir.store.Backup;
import dev.weir.store.Store;
import dev.weir.store.StoreException;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class RestoreCommandTest {
  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();
  private final String adminKey = Keys.fresh(new SecureRandom());
  private Path backup = Path.of("");
  private Path target = Path.of("");

  @BeforeEach
  void backUp() throws Exception {
    backup = folder.resolve("weir.backup");
    target = folder.resolve("restored");
    try (Store store = SqliteStore.open(folder.resolve("data"), clock)) {
      var _ =
          Bootstrap.ensure(
              store, new StoreChangeExecutor(store), adminKey, Keys.fresh(new SecureRandom()));
      try (Backup copy = store.backup()) {
        Files.copy(copy.content(), backup);
      }
    }
  }

  private void restore(String... more) {
    CommandLine line = new CommandLine(new RestoreCommand());
    line.parseArgs(args(more));
    assertThat(line.execute(args(more))).isZero();
  }

  private String[] args(String... more) {
    String[] args = new String[more.length + 3];
    System.arraycopy(more, 0, args, 3, more.length);
    args[0] = backup.toString();
    args[1] = "--data";
    args[2] = target.toString();
    return args;
  }

  private boolean admits(Store store, String key) {
    return new AccessControl(store, clock).authenticate(Optional.of(key))
        instanceof AccessDecision.Allowed;
  }

  @Test
  void keys_are_valid_after_a_restore() {
    restore();
    assertThat(target.resolve("admin.key")).doesNotExist();
    try (Store store = SqliteStore.open(target, clock)) {
      assertThat(admits(store, adminKey)).isTrue();
    }
  }

  @Test
  void a_lost_administrators_key_is_replaced_on_request() throws Exception {
    restore("--new-admin-key");
    String fresh = Files.readString(target.resolve("admin.key")).strip();
    try (Store store = SqliteStore.open(target, clock)) {
      assertThat(admits(store, fresh)).isTrue();
      assertThat(admits(store, adminKey)).isFalse();
      assertThat(AuditVerifier.verify(store)).isInstanceOf(AuditVerifier.Verified.class);
      assertThat(store.audit(0, 10).getLast().reason()).contains("after a restore");
    }
  }

  @Test
  void a_folder_in_use_is_refused() {
    restore();
    assertThatThrownBy(() -> SqliteStore.restore(backup, target, clock, "dev"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is not empty");
  }
}
