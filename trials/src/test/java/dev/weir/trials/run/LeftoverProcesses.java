// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.run;

import dev.weir.runtime.process.ProcFs;
import dev.weir.runtime.process.ProcessTable;
import dev.weir.runtime.process.ProcessTable.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// The processes that a trial started, directly or through Weir, and that are alive at its end.
///
/// A process belongs to the run whose temporary folder appears in its environment or contains its
/// standard output or error. Processes of a trial inherit [#FOLDER]. Weir clears the environment of
/// its engines, but their logs are in the folder of their replica. Two runs on one machine have
/// different folders, so neither sees the processes of the other.
///
/// @param folder of the run, as the kernel reports it
/// @param grace time for processes to end
public record LeftoverProcesses(Path folder, ProcessTable table, Duration grace) {
  /// The variable that names the folder of a run.
  static final String FOLDER = "TRIAL_RUN_FOLDER";

  private static final Duration GRACE = Duration.ofSeconds(15);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
  private static final Path PROC = Path.of("/proc");
  private static final int MOST_SHOWN = 200;

  /// The processes of this run; empty when the run has no folder of its own.
  public static Optional<LeftoverProcesses> ofThisRun() {
    return Optional.ofNullable(System.getenv(FOLDER))
        .map(folder -> new LeftoverProcesses(Path.of(folder), new ProcFs(), GRACE));
  }

  /// A process that is alive.
  ///
  /// @param launch its launch id; `-` for a process that Weir did not start as an engine
  record Leftover(long pid, String command, String launch) {
    @Override
    public String toString() {
      return "pid " + pid + ", launch id " + launch + ", command: " + command;
    }
  }

  /// Fails the trial for each process that is alive after the grace period, then kills it. This
  /// check does not count as passed, because a skipped trial has passed none.
  public void judge(TrialRun run) {
    await(() -> alive().isEmpty());
    alive().forEach(one -> run.fail("a process is alive after the trial: " + one));
    await(this::killed);
  }

  private boolean killed() {
    List<Leftover> left = alive();
    left.forEach(one -> ProcessHandle.of(one.pid()).ifPresent(ProcessHandle::destroyForcibly));
    return left.isEmpty();
  }

  private void await(BooleanSupplier holds) {
    long deadline = System.nanoTime() + grace.toNanos();
    while (!holds.getAsBoolean() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }

  private List<Leftover> alive() {
    long own = ProcessHandle.current().pid();
    return table.all().stream()
        .filter(entry -> entry.pid() != own && !entry.zombie() && belongs(entry))
        .map(this::leftover)
        .toList();
  }

  private boolean belongs(Entry entry) {
    return text(entry.pid(), "environ").contains("=" + folder)
        || table.marks(entry.pid()).outputs().stream().anyMatch(path -> path.startsWith(folder));
  }

  private Leftover leftover(Entry entry) {
    String words = text(entry.pid(), "cmdline").replace('\0', ' ').strip();
    String command = words.isEmpty() ? "(" + entry.name() + ")" : words;
    return new Leftover(
        entry.pid(),
        command.substring(0, Math.min(MOST_SHOWN, command.length())),
        table.marks(entry.pid()).launchId().orElse("-"));
  }

  private static String text(long pid, String file) {
    try {
      return new String(
          Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve(file)),
          StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // ended meanwhile, or the process of another user
    }
  }
}
