// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static dev.weir.runtime.ProviderContract.NAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.model.status.ReplicaState;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.Watcher;
import dev.weir.runtime.lifecycle.ReplicaLifecycle.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The identity of processes: zombies, reused pids, other boots of the machine.
final class IdentityTest extends ProcessTests {
  private static final ReplicaIntent SLEEP = shell("exec sleep 1000");

  @Test
  void an_unrelated_process_with_the_recorded_pid_is_never_signalled() throws Exception {
    Process unrelated = unrelated();
    try {
      String stat = stat(unrelated.pid());
      int ticksAt = startOfTicks(stat);
      int ticksEnd = stat.indexOf(' ', ticksAt);
      recorded(TABLE.bootId(), stat.substring(0, ticksAt) + "17" + stat.substring(ticksEnd));
      replacedWithout(unrelated, 1);
    } finally {
      unrelated.destroyForcibly();
    }
  }

  @Test
  void after_a_reboot_no_process_is_signalled() throws Exception {
    Process unrelated = unrelated();
    try {
      recorded("another-boot", stat(unrelated.pid()));
      replacedWithout(unrelated, 0);
      assertThat(watcher.seen()).anyMatch(r -> r.reason().contains("started, pid"));
    } finally {
      unrelated.destroyForcibly();
    }
  }

  @Test
  void a_zombie_counts_as_ended() throws Exception {
    Path file = folder.resolve("stat");
    // Its parent becomes a program that does not wait for its children.
    Process parent =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "sh -c 'IFS= read -r s < /proc/$$/stat; echo \"$s\" > "
                    + file
                    + ".new; mv "
                    + file
                    + ".new "
                    + file
                    + "' & exec sleep 1000")
            .start();
    try {
      assertThat(eventually(() -> Files.exists(file) && zombie(file))).isTrue();
      recorded(TABLE.bootId(), Files.readString(file));
      provider = open();
      watcher = new Watcher(provider);
      ObservedReplica again =
          watcher.await(NAME, r -> r.restarts() == 1 && r.state() == ReplicaState.STARTING);
      assertThat(again.pid()).isNotEqualTo(java.util.Optional.of(pid(Files.readString(file))));
    } finally {
      parent.destroyForcibly();
    }
  }

  private static boolean zombie(Path file) throws IOException {
    return TABLE.find(pid(Files.readString(file))).map(ProcessTable.Entry::zombie).orElse(false);
  }

  private static long pid(String stat) {
    return ProcFs.parse(stat).orElseThrow().pid();
  }

  private void replacedWithout(Process unrelated, int restarts) throws Exception {
    provider = open();
    watcher = new Watcher(provider);
    ObservedReplica fresh =
        watcher.await(NAME, r -> r.pid().isPresent() && r.state() == ReplicaState.STARTING);
    assertThat(fresh.pid()).isNotEqualTo(java.util.Optional.of(unrelated.pid()));
    assertThat(fresh.restarts()).isEqualTo(restarts);
    provider.stop(NAME, Duration.ZERO);
    watcher.await(NAME, ReplicaState.STOPPED);
    assertThat(unrelated.isAlive()).isTrue();
  }

  /// Writes the files of an earlier Weir: the launch record and the stat line of the process.
  private void recorded(String bootId, String stat) throws IOException {
    provider.close();
    ReplicaFolder replicaFolder = ReplicaFolder.of(folder.resolve("local"), NAME);
    replicaFolder.write(
        new LaunchRecord(
            SLEEP, "earlier", bootId, 1, InstantSource.system().instant(), Memory.NEW));
    replicaFolder.fence("earlier");
    Files.writeString(replicaFolder.pidFile("earlier"), stat);
  }

  /// An unrelated process that leads a group, like an engine.
  private static Process unrelated() throws IOException {
    return new ProcessBuilder("setsid", "sleep", "1000").start();
  }

  private static String stat(long pid) throws IOException {
    return Files.readString(Path.of("/proc/" + pid + "/stat"));
  }

  /// The position of field 22, counted after the process name.
  private static int startOfTicks(String stat) {
    int at = stat.lastIndexOf(')') + 2;
    for (int field = 3; field < 22; field++) {
      at = stat.indexOf(' ', at) + 1;
    }
    return at;
  }

  /// In its own pid namespace a process can set the next pid.
  @Test
  void a_reused_pid_is_recognised_as_another_process() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "pid namespaces need root");
    provider.close();
    Process inside =
        new ProcessBuilder(
                "unshare",
                "--pid",
                "--fork",
                "--mount-proc",
                "--kill-child",
                JAVA,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Inside.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    String output =
        new String(inside.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(inside.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assumeTrue(!output.contains("Operation not permitted"), output);
    assertThat(output).endsWith("recognised\n");
  }

  /// Starts a replica, ends it while the provider is closed, gives its pid to another process, and
  /// opens the provider again.
  static final class Inside {
    private Inside() {}

    public static void main(String[] args) throws Exception {
      Path folder = Path.of(args[0]);
      long pid;
      try (Provider first = provider(options(folder))) {
        first.ensure(SLEEP);
        Watcher watching = new Watcher(first);
        pid = watching.await(NAME, r -> r.pid().isPresent()).pid().orElseThrow();
        Path pidFile = ReplicaFolder.of(folder.resolve("local").toAbsolutePath(), NAME).folder();
        watching.await(NAME, _ -> began(pidFile));
      }
      ProcessHandle engine = ProcessHandle.of(pid).orElseThrow();
      var ended = engine.onExit();
      engine.destroyForcibly();
      ended.get(30, TimeUnit.SECONDS);
      Process unrelated = withPid(pid);
      try (Provider second = provider(options(folder))) {
        ObservedReplica fresh =
            new Watcher(second)
                .await(NAME, r -> r.pid().isPresent() && r.state() == ReplicaState.STARTING);
        boolean replaced = fresh.pid().orElseThrow() != pid && fresh.restarts() == 1;
        endAll(second);
        System.out.println(
            replaced && unrelated.isAlive() ? "recognised" : "not recognised: " + fresh);
      }
    }

    private static boolean began(Path folder) {
      try (var files = Files.list(folder)) {
        return files.anyMatch(file -> file.getFileName().toString().startsWith("pid."));
      } catch (IOException e) {
        return false;
      }
    }

    private static Process withPid(long pid) throws Exception {
      for (int attempt = 0; attempt < 100; attempt++) {
        Files.writeString(Path.of("/proc/sys/kernel/ns_last_pid"), Long.toString(pid - 1));
        Process process = unrelated();
        if (process.pid() == pid) {
          return process;
        }
        process.destroyForcibly().waitFor();
      }
      throw new IllegalStateException("pid " + pid + " was not given again");
    }
  }
}
