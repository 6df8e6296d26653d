// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static dev.weir.runtime.ProviderContract.NAME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.status.ReplicaState;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.Watcher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A stop asks the process to end, then kills it, and leaves no process.
final class StopTest extends ProcessTests {
  @Test
  void children_of_a_replica_end_with_it() throws Exception {
    provider.ensure(
        shell("sleep 1000 & sleep 1000 & touch " + folder.resolve("forked") + "; exec sleep 1000"));
    ObservedReplica started =
        watcher.await(NAME, r -> r.pid().isPresent() && Files.exists(folder.resolve("forked")));
    long group = started.pid().orElseThrow();
    assertThat(group(group)).hasSize(3);
    ProcessHandle.of(group).orElseThrow().destroyForcibly();
    watcher.await(NAME, r -> r.restarts() == 1 && r.pid().isPresent());
    assertThat(group(group)).isEmpty();
  }

  @Test
  void a_replica_that_ignores_the_request_to_end_is_killed() throws Exception {
    Path ready = folder.resolve("ready");
    provider.ensure(shell("trap '' TERM; touch " + ready + "; while :; do sleep 0.05; done"));
    long pid =
        watcher.await(NAME, r -> r.pid().isPresent() && Files.exists(ready)).pid().orElseThrow();
    provider.stop(NAME, Duration.ofMillis(200));
    watcher.await(NAME, ReplicaState.STOPPED);
    assertThat(group(pid)).isEmpty();
    assertThat(files("launch*")).isEmpty();
  }

  @Test
  void a_replica_has_time_to_end_cleanly() throws Exception {
    Path ready = folder.resolve("ready");
    Path ended = folder.resolve("ended");
    provider.ensure(
        shell(
            "trap 'touch "
                + ended
                + "; exit 0' TERM; touch "
                + ready
                + "; while :; do sleep 0.05; done"));
    watcher.await(NAME, r -> r.pid().isPresent() && Files.exists(ready));
    provider.stop(NAME, Duration.ofSeconds(30));
    watcher.await(NAME, ReplicaState.STOPPED);
    assertThat(ended).exists();
  }

  private static final String MARK = "mark-" + ProcessHandle.current().pid();

  private static ReplicaIntent marked(String script) {
    return shell(script, Map.of("MARK", MARK));
  }

  /// Starts the script, waits until it has created the file `ready`, stops it, and checks that no
  /// process is left.
  private void stopLeavesNoProcess(String script, Duration grace) throws Exception {
    Path ready = folder.resolve("ready");
    provider.ensure(marked("ready=" + ready + "; " + script));
    watcher.await(NAME, r -> r.pid().isPresent() && Files.exists(ready));
    provider.stop(NAME, grace);
    watcher.await(NAME, ReplicaState.STOPPED);
    assertThat(withVariable("MARK", MARK)).isEmpty();
  }

  @Test
  void a_child_with_a_session_of_its_own_is_ended_too() throws Exception {
    stopLeavesNoProcess(
        "setsid sh -c \"trap '' TERM; touch $ready; while :; do sleep 0.05; done\" & exec sleep"
            + " 1000",
        Duration.ofMillis(200));
  }

  @Test
  void a_child_that_hides_is_ended_with_its_parent() throws Exception {
    Path pid = folder.resolve("pid");
    provider.ensure(
        shell(
            "env -i setsid /bin/sh -c 'trap \"\" TERM; echo $$ > "
                + pid
                + ".new; mv "
                + pid
                + ".new "
                + pid
                + "; while :; do sleep 0.05; done' > /dev/null 2>&1 & wait"));
    watcher.await(NAME, r -> r.pid().isPresent() && Files.exists(pid));
    provider.stop(NAME, Duration.ofMillis(200));
    watcher.await(NAME, ReplicaState.STOPPED);
    assertThat(runs(pidIn(pid))).isFalse();
  }

  @Test
  void a_daemon_that_overwrote_its_environment_is_recognised_by_its_log() throws Exception {
    Path pid = folder.resolve("pid");
    provider.ensure(
        shell(
            "test -e "
                + pid
                + " && exec sleep 1000; env -i setsid /bin/sh -c 'echo $$ > "
                + pid
                + ".new; mv "
                + pid
                + ".new "
                + pid
                + "; exec sleep 1000' & while ! test -e "
                + pid
                + "; do sleep 0.02; done; exit 3"));
    watcher.await(NAME, r -> r.restarts() == 1 && r.state() == ReplicaState.STARTING);
    assertThat(runs(pidIn(pid))).isFalse();
  }

  @Test
  void a_command_that_goes_to_the_background_fails_with_a_remedy() throws Exception {
    provider.ensure(marked("sleep 1000 & sleep 1000 & exit 0"));
    ObservedReplica failed = watcher.await(NAME, ReplicaState.FAILED);
    assertThat(failed.reason()).contains("exit code 0").contains("must stay in the foreground");
    assertThat(eventually(() -> withVariable("MARK", MARK).isEmpty())).isTrue();
  }

  @Test
  void a_suspended_process_can_still_end_cleanly() throws Exception {
    Path ended = folder.resolve("ended");
    Path ready = folder.resolve("ready");
    provider.ensure(
        shell(
            "trap 'touch "
                + ended
                + "; exit 0' TERM; touch "
                + ready
                + "; while :; do sleep 0.05; done"));
    long pid =
        watcher.await(NAME, r -> r.pid().isPresent() && Files.exists(ready)).pid().orElseThrow();
    assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(pid)).start().waitFor()).isZero();
    provider.stop(NAME, Duration.ofMinutes(10));
    watcher.await(NAME, ReplicaState.STOPPED);
    assertThat(ended).exists();
  }

  @Test
  void a_process_that_forks_faster_than_it_is_inspected_is_ended() throws Exception {
    stopLeavesNoProcess(
        "trap '' TERM; f() { for i in 1 2 3 4 5 6 7 8; do (while :; do (setsid sleep 0.2 &); sleep"
            + " 0.01; done) & done; }; f; touch $ready; wait",
        Duration.ZERO);
  }

  @Test
  void an_unkillable_process_is_named() throws Exception {
    provider.close();
    Stuck stuck = new Stuck(ReplicaFolder.of(folder.resolve("local").toAbsolutePath(), NAME));
    provider = provider(options(folder).withTable(stuck));
    watcher = new Watcher(provider);
    provider.ensure(shell("exec sleep 1000"));
    watcher.await(NAME, r -> r.pid().isPresent());
    stuck.there = true;
    provider.stop(NAME, Duration.ZERO);
    ObservedReplica stopping =
        watcher.await(NAME, r -> r.reason().contains("SIGKILL has not ended"));
    assertThat(stopping.state()).isEqualTo(ReplicaState.STOPPING);
    assertThat(stopping.reason())
        .endsWith("pid " + Stuck.PID + " (nvidia-smi, uninterruptible)")
        .doesNotContain("sleep");
    stuck.there = false;
    watcher.await(NAME, ReplicaState.STOPPED);
  }

  /// The processes of the machine and one more that a broken driver blocks.
  private static final class Stuck implements ProcessTable {
    /// No kernel assigns this pid.
    static final long PID = 1L << 30;

    private final ReplicaFolder replicaFolder;
    volatile boolean there;

    Stuck(ReplicaFolder replicaFolder) {
      this.replicaFolder = replicaFolder;
    }

    @Override
    public java.util.Optional<Entry> find(long pid) {
      return TABLE.find(pid);
    }

    @Override
    public List<Entry> all() {
      Entry held = new Entry(new Identity(PID, 1), 1, PID, PID, 'D', "nvidia-smi");
      return there
          ? java.util.stream.Stream.concat(TABLE.all().stream(), java.util.stream.Stream.of(held))
              .toList()
          : TABLE.all();
    }

    @Override
    public Marks marks(long pid) {
      return pid == PID
          ? new Marks(
              java.util.Optional.empty(),
              java.util.Optional.empty(),
              List.of(replicaFolder.realLog()))
          : TABLE.marks(pid);
    }

    @Override
    public String bootId() {
      return TABLE.bootId();
    }
  }
}
