// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.store;

import dev.weir.store.AuditVerifier;
import dev.weir.store.StoreException;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;

/// The store under `kill -9` at any instant of writing, compacting, backup, restore and migration,
/// with failing disks, and with backup and restore by an operator.
///
/// Power loss is not covered: with `synchronous=OFF` a killed process loses nothing, because the
/// kernel has the bytes. A test of the store checks that setting instead.
public final class StoreTrial implements Trial {
  private static final int MAX_LINES = 120;

  private SplittableRandom random = new SplittableRandom();
  private Path folder = Path.of("");
  private int killedInTime;

  @Override
  public String name() {
    return "store";
  }

  @Override
  public String about() {
    return "kill -9 of a writer (20 times; --full: 200), bad media, backup and restore";
  }

  @Override
  public List<String> mutations() {
    return List.of("acknowledge-early", "event-forgotten");
  }

  @Override
  public void run(TrialRun run) throws Exception {
    random = new SplittableRandom(run.seed());
    folder = Files.createTempDirectory("weir-store");
    String bug = mutations().stream().filter(run::mutated).findFirst().orElse("none");
    boolean full = run.full();
    killWriters(run, "write", full ? 200 : 20, bug);
    if (!bug.equals("none")) {
      return; // planted in the writer; nothing else would show it
    }
    killWriters(run, "compact", full ? 30 : 3, bug);
    Path copies = killWriters(run, "copy", full ? 30 : 3, bug);
    killRestores(run, copies, full ? 30 : 3);
    killMigrations(run, full ? 30 : 4);
    run.figure("killed before the work was done (restores and migrations)", killedInTime);
    new StoreOperations(run).check();
  }

  /// @return a folder with the last backups, if any
  private Path killWriters(TrialRun run, String mode, int rounds, String bug) throws Exception {
    Path around = Files.createDirectory(folder.resolve(mode));
    Path data = around.resolve("data");
    WriteVerifier examiner = new WriteVerifier(data, mode.equals("write"));
    for (int round = 0; round < rounds; round++) {
      KilledWriterLog killed =
          KilledWriterLog.afterLines(
              2 + random.nextInt(MAX_LINES),
              random,
              around.resolve("writer.err"),
              mode,
              data.toString(),
              Long.toString(examiner.seen()),
              bug);
      int before = examiner.wrongs().size();
      examiner.examine(killed);
      List<String> wrongs = examiner.wrongs();
      run.check(
          mode + ": what was promised before kill " + (round + 1) + " is there, whole",
          wrongs.size() == before,
          wrongs.subList(before, Math.min(wrongs.size(), before + 3)));
      run.check("the kill ended the writer", !killed.byItself(), killed.lines().size());
      restoreLast(run, killed, around);
      if (!wrongs.isEmpty()) {
        break;
      }
    }
    run.figure("acknowledged writes found, mode " + mode, examiner.acknowledged());
    return around;
  }

  /// Checks each backup that was acknowledged.
  private void restoreLast(TrialRun run, KilledWriterLog killed, Path around) throws IOException {
    List<String> copies = killed.after("copy");
    if (copies.isEmpty()) {
      return;
    }
    String[] last = copies.getLast().split(" ", -1);
    Path target = Files.createTempDirectory(around, "restored");
    try {
      long revision =
          SqliteStore.restore(Path.of(last[0]), target, InstantSource.system(), "trial").revision();
      run.check("a backup under load is complete", revision >= Long.parseLong(last[1]), revision);
    } catch (StoreException e) {
      run.fail("a backup under load is whole, but: " + e.getMessage());
    }
    try (var files = Files.list(around.resolve("data"))) {
      List<String> left =
          files.map(f -> f.getFileName().toString()).filter(n -> n.endsWith(".copy")).toList();
      run.check("the next start removes partial copies", left.isEmpty(), left);
    }
  }

  private void killRestores(TrialRun run, Path copies, int rounds) throws Exception {
    Path backup = copies.resolve("copy-0");
    for (int round = 0; round < rounds; round++) {
      Path target = folder.resolve("restored-" + round);
      KilledWriterLog killed = killSoon(copies, "restore", backup.toString(), target.toString());
      boolean whole = opens(target);
      run.check(
          "an acknowledged restore is complete",
          whole || killed.after("restored").isEmpty(),
          killed.lines());
      if (!whole) {
        killedInTime++;
        SqliteStore.restore(backup, target, InstantSource.system(), "trial");
      }
      run.check("an interrupted restore can be run again", whole || opens(target), target);
    }
  }

  /// Opens as a store with an unbroken log. A partial folder is refused.
  private static boolean opens(Path target) {
    if (!Files.exists(target.resolve("weir.db"))) {
      return false;
    }
    try (SqliteStore store = SqliteStore.open(target, InstantSource.system(), "trial")) {
      return store.revision() > 0 && AuditVerifier.verify(store) instanceof AuditVerifier.Verified;
    }
  }

  private void killMigrations(TrialRun run, int rounds) throws Exception {
    Optional<Path> old = recorded(run);
    if (old.isEmpty()) {
      return;
    }
    for (int round = 0; round < rounds; round++) {
      Path data = Files.createDirectory(folder.resolve("migrated-" + round));
      try (InputStream in = new GZIPInputStream(Files.newInputStream(old.get()))) {
        Files.copy(in, data.resolve("weir.db"));
      }
      KilledWriterLog killed = killSoon(folder, "open", data.toString());
      if (!killed.lines().contains("ready")) {
        killedInTime++;
      }
      try (SqliteStore store = SqliteStore.open(data, InstantSource.system(), "trial")) {
        run.check("an interrupted migration is completed", store.revision() == 7, killed.lines());
        run.check(
            "the audit chain is unbroken",
            AuditVerifier.verify(store) instanceof AuditVerifier.Verified,
            killed.lines());
      }
      try (var files = Files.list(data)) {
        long backups = files.filter(f -> f.toString().endsWith(".backup")).count();
        run.check("a backup exists", backups >= 1 && backups <= 3, backups);
      }
    }
  }

  private static Optional<Path> recorded(TrialRun run) {
    Path file =
        WeirProcess.launcher()
            .resolveSibling("store/src/test/resources/dev/weir/store/sqlite/weir-v1.db.gz");
    if (Files.exists(file)) {
      return Optional.of(file);
    }
    run.skip("no recorded store of version 1 at " + file);
    return Optional.empty();
  }

  /// Kills the writer at a random moment after its start.
  private KilledWriterLog killSoon(Path errors, String... args) throws Exception {
    return KilledWriterLog.afterLines(1, random, errors.resolve(args[0] + ".err"), args);
  }
}
