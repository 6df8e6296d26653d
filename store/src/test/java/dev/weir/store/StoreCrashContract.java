// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import static dev.weir.store.StoreFixtures.model;
import static dev.weir.store.StoreFixtures.modelRef;
import static dev.weir.store.StoreFixtures.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Model;
import dev.weir.model.value.Kind;
import dev.weir.testkit.ManualClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A writer in its own process is killed (`SIGKILL`) at a random moment, repeatedly on one folder.
/// Every acknowledged commit is stored, and no commit is stored partially.
public abstract class StoreCrashContract {
  private static final int ROUNDS = 4;
  private static final long SEED = 20_260_101;
  private static final int MAX_ACKNOWLEDGED = 150;

  @TempDir Path folder;

  protected abstract Store open(Path folder, InstantSource clock);

  /// The class whose `main(folder)` opens the store and calls [#writeForever].
  protected abstract Class<?> writerMain();

  /// Writes pairs that must stay equal, and prints the revision of each commit after it returned.
  protected static void writeForever(Store store, PrintStream acknowledge) {
    for (long i = store.revision(); ; i++) {
      String owner = "n" + i;
      Commit commit =
          store.commit(
              List.of(put(model("left", owner)), put(model("right", owner))),
              AuditDraft.byWeir("write", owner));
      store.observations().put("twin", "last", owner);
      if (commit instanceof Commit.Done done) {
        acknowledge.println(done.revision());
        acknowledge.flush();
      }
    }
  }

  @Test
  void acknowledged_commits_survive_kill_9() throws Exception {
    Random random = new Random(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      long acknowledged =
          writeUntilKilled(1 + random.nextInt(MAX_ACKNOWLEDGED), random.nextInt(2_000));
      try (Store store = open(folder, new ManualClock())) {
        checkWhole(store, acknowledged);
      }
    }
  }

  private static void checkWhole(Store store, long acknowledged) {
    assertThat(store.revision()).isGreaterThanOrEqualTo(acknowledged).isEven();
    Model left = (Model) store.get(modelRef("left")).orElseThrow();
    Model right = (Model) store.get(modelRef("right")).orElseThrow();
    assertThat(left.spec()).isEqualTo(right.spec());
    assertThat(right.metadata().revision()).isEqualTo(store.revision());
    assertThat(store.changes(0, Set.of(Kind.MODEL), Integer.MAX_VALUE))
        .hasSize((int) store.revision());
    assertThat(AuditVerifier.verify(store))
        .isEqualTo(new AuditVerifier.Verified(store.revision() / 2, store.auditHead().hash()));
  }

  /// @return the last acknowledged revision, including all output before the kill
  private long writeUntilKilled(int afterLines, int spins)
      throws IOException, InterruptedException {
    Path errors = Files.createTempFile(folder.getParent(), "writer", ".err");
    Process writer =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                writerMain().getName(),
                folder.toString())
            .redirectError(errors.toFile())
            .start();
    long acknowledged = 0;
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
      for (int line = 0; line < afterLines; line++) {
        String text = output.readLine();
        assertThat(text).as(() -> "the writer ended by itself: " + read(errors)).isNotNull();
        acknowledged = Long.parseLong(text);
      }
      for (int i = 0; i < spins; i++) {
        Thread.onSpinWait(); // to kill at different points of a commit
      }
      writer.toHandle().destroyForcibly(); // Process::destroyForcibly would close the pipe as well
      for (String text = output.readLine(); text != null; text = output.readLine()) {
        acknowledged = Long.parseLong(text);
      }
    } finally {
      writer.destroyForcibly();
      assertThat(writer.waitFor(30, TimeUnit.SECONDS)).isTrue();
      Files.delete(errors);
    }
    return acknowledged;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
