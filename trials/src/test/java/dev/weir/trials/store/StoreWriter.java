// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.store;

import dev.weir.store.AnalysisStates.AnalysisState;
import dev.weir.store.AuditDraft;
import dev.weir.store.Backup;
import dev.weir.store.Commit;
import dev.weir.store.CompactedException;
import dev.weir.store.Observations.Entry;
import dev.weir.store.StoreEvent;
import dev.weir.store.Write;
import dev.weir.store.sqlite.SqliteStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// The process that is killed. It says a line for each thing that the store has promised to keep,
/// after the call returned:
///
/// - `ready`: the folder is open
/// - `commit ID`: two resources with this owner were written in one commit with this reason
/// - `note SEQUENCE HASH`: an audit entry
/// - `once KEY`: an observation was stored, once
/// - `cohort N`: the analysis advanced to N and took its observation with it
/// - `saw REVISION`: the watcher was given this change
/// - `copy FILE REVISION`: a backup is whole
/// - `restored`: a backup is in its folder
public final class StoreWriter {
  /// Resources come in pairs that are written together.
  static final List<String> SIDES = List.of("left-", "right-");

  static final int PAIRS = 4;
  private static final int KEPT_WHEN_COMPACTING = 40;

  private final SqliteStore store;
  private final Path folder;
  private final String bug;

  private StoreWriter(SqliteStore store, Path folder, String bug) {
    this.store = store;
    this.folder = folder;
    this.bug = bug;
  }

  /// `write FOLDER SEEN BUG`, `compact FOLDER SEEN BUG`, `copy FOLDER SEEN BUG`, `open FOLDER`, or
  /// `restore FILE FOLDER`.
  public static void main(String[] args) throws Exception {
    Path at = Path.of(args[1]);
    say("begin");
    if (args[0].equals("restore")) {
      var _ = SqliteStore.restore(at, Path.of(args[2]), InstantSource.system(), "trial");
      say("restored");
      return;
    }
    SqliteStore store = SqliteStore.open(at, InstantSource.system(), "trial");
    say("ready");
    if (args[0].equals("open")) {
      store.close();
      return;
    }
    StoreWriter writer = new StoreWriter(store, at, args[3]);
    writer.start("commits-0", () -> writer.commits(0));
    writer.start("commits-1", () -> writer.commits(1));
    writer.start("notes", writer::notes);
    writer.start("once", writer::observations);
    writer.start("cohorts", writer::cohorts);
    switch (args[0]) {
      case "write" -> writer.start("watch", () -> writer.watch(Long.parseLong(args[2])));
      case "compact" -> writer.start("compact", writer::compactions);
      case "copy" -> writer.start("copy", writer::copies);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private void start(String name, Work work) {
    Thread.ofPlatform()
        .name(name)
        .start(() -> {
          try {
            work.run();
          } catch (Exception | AssertionError e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(3); // the parent sees that it was not it who ended this
          }
        });
  }

  private static synchronized void say(String line) {
    System.out.println(line);
    if (System.out.checkError()) {
      Runtime.getRuntime().halt(4); // no reader is left: the trial itself has ended
    }
  }

  /// Each thread has pairs of its own, so no commit meets another's.
  private void commits(int thread) throws SQLException {
    for (int i = 0; ; i++) {
      String id = "t" + thread + "-" + store.revision() + "-" + i;
      int pair = thread + 2 * (i % (PAIRS / 2));
      if (bug.equals("acknowledge-early")) {
        say("commit " + id);
      }
      List<Write> writes = new ArrayList<>();
      SIDES.forEach(side ->
          writes.add(new Write.Put(StoredModels.model(side + pair, id), OptionalLong.empty())));
      Commit commit = store.commit(writes, AuditDraft.byWeir("write", id));
      if (!(commit instanceof Commit.Done done)) {
        throw new IllegalStateException("unexpected " + commit);
      }
      if (bug.equals("event-forgotten")) {
        forgetEvent(done.revision());
      }
      say("commit " + id);
    }
  }

  /// As if the commit had not written its last event.
  private void forgetEvent(long revision) throws SQLException {
    try (Connection connection =
        DriverManager.getConnection(
            "jdbc:sqlite:" + folder.resolve("weir.db") + "?busy_timeout=5000")) {
      connection.createStatement().execute("DELETE FROM event WHERE revision = " + revision);
    }
  }

  private void notes() {
    while (true) {
      var entry = store.record(AuditDraft.byWeir("note", ""));
      say("note " + entry.sequence() + " " + entry.hash());
    }
  }

  private void observations() {
    for (int i = 0; ; i++) {
      String key = store.revision() + "-" + System.nanoTime() + "-" + i;
      if (!store.observations().putIfAbsent("once", key, "seen")
          || store.observations().putIfAbsent("once", key, "again")) {
        throw new IllegalStateException("not exactly once: " + key);
      }
      say("once " + key);
    }
  }

  private void cohorts() {
    while (true) {
      String before = store.analysis().get("rollout").map(AnalysisState::cohort).orElse("");
      long next = before.isEmpty() ? 1 : Long.parseLong(before) + 1;
      var consumed = new Entry("cohort", Long.toString(next), "");
      store.observations().put(consumed.collection(), consumed.key(), "z=1");
      var state = new AnalysisState(Long.toString(next), "{\"n\":" + next + "}");
      if (!store.analysis().advance("rollout", before, state, List.of(consumed))) {
        throw new IllegalStateException("no other writer advances, yet " + next + " was refused");
      }
      say("cohort " + next);
    }
  }

  private void watch(long from) throws InterruptedException {
    long after = from;
    while (true) {
      for (StoreEvent event : store.changes(after, Set.of(), 50)) {
        after = event.revision();
        say("saw " + after);
      }
      store.awaitRevisionAfter(after, Duration.ofSeconds(10));
    }
  }

  /// Also follows, as a watcher who is left behind must: by 410 and a new start.
  private void compactions() {
    long after = 0;
    while (true) {
      store.compact(KEPT_WHEN_COMPACTING);
      try {
        for (StoreEvent event : store.changes(after, Set.of(), 50)) {
          if (event.revision() <= after) {
            throw new IllegalStateException("saw " + event.revision() + " after " + after);
          }
          after = event.revision();
        }
      } catch (CompactedException e) {
        after = e.oldest();
      }
    }
  }

  private void copies() throws IOException {
    for (int i = 0; ; i++) {
      Path file = folder.resolveSibling("copy-" + i % 2);
      try (Backup backup = store.backup()) {
        Path partial = folder.resolveSibling("copy.partial");
        Files.copy(backup.content(), partial, StandardCopyOption.REPLACE_EXISTING);
        Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
        say("copy " + file + " " + backup.revision());
      }
    }
  }
}
