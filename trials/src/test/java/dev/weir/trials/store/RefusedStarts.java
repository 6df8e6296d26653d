// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.store;

import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.WeirProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `weir control` on stores that it must not serve: what is wrong and what to do in one line on
/// standard error, and exit status 1.
final class RefusedStarts {
  private final TrialRun run;
  private final Path folder;
  private final Path good;

  /// @param good a data folder, not in use, of which harmed copies are made
  RefusedStarts(TrialRun run, Path folder, Path good) {
    this.run = run;
    this.folder = folder;
    this.good = good;
  }

  void check() throws Exception {
    refused(
        "damaged",
        "is damaged",
        file -> {
          byte[] bytes = Files.readAllBytes(file);
          Arrays.fill(bytes, 4096, 4096 + 512, (byte) 7);
          Files.write(file, bytes);
        });
    refused(
        "shortened",
        "is damaged",
        file -> {
          byte[] bytes = Files.readAllBytes(file);
          Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        });
    refused(
        "lost",
        "is missing",
        file -> {
          Files.writeString(file.resolveSibling("store.id"), "ab".repeat(16) + "\n");
          Files.delete(file);
        });
    refused(
        "other",
        "names store",
        file -> Files.writeString(file.resolveSibling("store.id"), "ab".repeat(16) + "\n"));
    refused(
        "changed", "table resource, ", file -> sql(file, "UPDATE resource SET body = body || ' '"));
    refused("empty", "weir.db is empty", file -> Files.write(file, new byte[0]));
    refused(
        "foreign",
        "another program",
        file -> {
          Files.delete(file);
          sql(file, "CREATE TABLE precious (text TEXT)");
        });
    refused(
        "newer",
        "last written by Weir 9.9.9 and has schema version 99",
        file -> sql(file, "UPDATE origin SET written_by = '9.9.9'", "PRAGMA user_version = 99"));
    if (StoreOperations.mounts()) {
      Ran ran = runMounted("mount -o remount,ro \"$0\"", folder.resolve("readonly"));
      judge("read-only", ran, "Read-only file system");
    } else {
      run.skip("a read-only disk: this user may not mount (root may)");
    }
  }

  private interface Harm {
    void to(Path file) throws Exception;
  }

  private record Ran(int status, String err) {}

  private void refused(String how, String words, Harm harm) throws Exception {
    Path data = Files.createDirectory(folder.resolve(how));
    for (String name : List.of("weir.db", "weir.db-wal")) {
      if (Files.exists(good.resolve(name))) {
        Files.copy(good.resolve(name), data.resolve(name));
      }
    }
    sql(data.resolve("weir.db"), "PRAGMA wal_checkpoint(TRUNCATE)");
    Files.deleteIfExists(data.resolve("weir.db-wal"));
    harm.to(data.resolve("weir.db"));
    judge(how, start(List.of(), data), words);
  }

  private void judge(String how, Ran ran, String words) {
    List<String> lines = ran.err().lines().filter(line -> line.startsWith("weir: ")).toList();
    run.check(
        how + " store: one clear line and exit status 1",
        ran.status() == 1
            && lines.size() == 1
            && ran.err().contains(words)
            && !ran.err().contains("\tat "),
        ran);
  }

  /// Runs `weir control`, which must end by itself.
  private Ran start(List<String> before, Path data) throws Exception {
    List<String> command = new ArrayList<>(before);
    command.addAll(
        List.of(
            WeirProcess.launcher().toString(),
            "control",
            "--control",
            "127.0.0.1:0",
            "--data",
            data.toString()));
    Path err = folder.resolve("start.err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectError(err.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("WEIR_NO_BUILD", "1");
    Process process = builder.start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      return new Ran(-1, "it started");
    }
    return new Ran(process.exitValue(), Files.readString(err));
  }

  private static void sql(Path file, String... statements) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      for (String statement : statements) {
        connection.createStatement().execute(statement);
      }
    }
  }

  private Ran runMounted(String then, Path disk) throws Exception {
    Files.createDirectory(disk);
    return start(StoreOperations.mounted(then, disk), disk.resolve("data"));
  }
}
