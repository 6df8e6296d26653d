// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.starved;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Leaves a process about a tenth of a core: by a quota of its own control group where one can be
/// made (both versions), else by the lowest priority beside processes that burn all the rest.
public final class CpuQuota implements AutoCloseable {
  private static final Path ONE = Path.of("/sys/fs/cgroup/cpu");
  private static final Path TWO = Path.of("/sys/fs/cgroup");
  private static final long PERIOD_MICROS = 100_000;

  private final String how;
  private final Path group;
  private final Path home;
  private final long pid;
  private final List<Process> burners;

  private CpuQuota(String how, Path group, Path home, long pid, List<Process> burners) {
    this.how = how;
    this.group = group;
    this.home = home;
    this.pid = pid;
    this.burners = burners;
  }

  /// @param percent of one core
  public static CpuQuota of(long pid, int percent) throws IOException, InterruptedException {
    long quota = PERIOD_MICROS * percent / 100;
    String name = "weir-starved-" + pid;
    try {
      if (Files.isWritable(ONE.resolve("cpu.cfs_quota_us")) || Files.isDirectory(ONE)) {
        Path group = Files.createDirectory(ONE.resolve(name));
        write(group.resolve("cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
        write(group.resolve("cpu.cfs_quota_us"), Long.toString(quota));
        return moved("cgroup v1, " + percent + " % of a core", group, ONE, pid);
      }
      Path group = Files.createDirectory(TWO.resolve(name));
      write(group.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
      return moved("cgroup v2, " + percent + " % of a core", group, TWO, pid);
    } catch (IOException e) {
      return beside(pid);
    }
  }

  private static CpuQuota moved(String how, Path group, Path home, long pid) throws IOException {
    CpuQuota made = new CpuQuota(how, group, home, pid, List.of());
    try {
      write(group.resolve("cgroup.procs"), Long.toString(pid));
      return made;
    } catch (IOException e) {
      Files.deleteIfExists(group);
      throw e;
    }
  }

  private static CpuQuota beside(long pid) throws IOException, InterruptedException {
    new ProcessBuilder("renice", "-n", "19", "-p", Long.toString(pid)).start().waitFor();
    List<Process> burners = new ArrayList<>();
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      burners.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
    }
    return new CpuQuota("nice 19 beside burners", TWO, TWO, pid, List.copyOf(burners));
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text);
  }

  /// For the figures.
  public String how() {
    return how;
  }

  /// Gives the process all the CPU again.
  @Override
  public void close() {
    burners.forEach(Process::destroyForcibly);
    if (group.equals(home)) {
      return;
    }
    try {
      if (ProcessHandle.of(pid).isPresent()) {
        write(home.resolve("cgroup.procs"), Long.toString(pid));
      }
      delete();
    } catch (IOException e) {
      throw new UncheckedIOException("the control group " + group + " could not be removed", e);
    }
  }

  /// The kernel keeps a group for a moment after its last process has left.
  private void delete() throws IOException {
    IOException last = new IOException("busy");
    for (int i = 0; i < 50; i++) {
      try {
        Files.deleteIfExists(group);
        return;
      } catch (IOException e) {
        last = e;
        LockSupport.parkNanos(20_000_000);
      }
    }
    throw last;
  }
}
