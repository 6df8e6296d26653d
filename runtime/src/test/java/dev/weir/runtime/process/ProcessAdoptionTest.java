// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static dev.weir.runtime.ProviderContract.NAME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.status.ReplicaState;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.TestModelServer.Mood;
import dev.weir.runtime.Watcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A provider adopts the replicas of an earlier one, however that one ended.
final class ProcessAdoptionTest extends ProcessTests {
  @Test
  void a_replica_is_found_again_by_its_environment_when_its_pid_was_not_written() throws Exception {
    provider.ensure(server(Mood.FINE, 0));
    ObservedReplica before = watcher.await(NAME, ReplicaState.READY);
    provider.close();
    for (Path file : files("pid.*")) {
      Files.writeString(file, "12"); // an incomplete write
    }
    try (Provider second = open()) {
      assertThat(second.observe().getFirst().pid()).isEqualTo(before.pid());
    }
  }

  @Test
  void a_stop_in_progress_is_finished_by_the_next_weir() throws Exception {
    provider.ensure(
        shell("trap '' TERM; while :; do read -t 1 x < /dev/zero || :; sleep 0.05; done"));
    long pid = watcher.await(NAME, r -> r.pid().isPresent()).pid().orElseThrow();
    awaitFile("pid.*");
    provider.stop(NAME, Duration.ofMinutes(10));
    watcher.await(NAME, ReplicaState.STOPPING);
    provider.close();
    try (Provider second = open()) {
      second.stop(NAME, Duration.ZERO);
      new Watcher(second).await(NAME, ReplicaState.STOPPED);
      assertThat(runs(pid)).isFalse();
    }
  }

  @Test
  void kill_9_of_weir_leaves_replicas_running_and_adoptable() throws Exception {
    Process weir = weir();
    try (var output = weir.inputReader()) {
      assertThat(output.readLine()).isEqualTo("opened");
      String pid = output.readLine();
      weir.toHandle().destroyForcibly();
      assertThat(weir.waitFor(30, TimeUnit.SECONDS)).isTrue();
      try (Provider next = open()) {
        ObservedReplica found = new Watcher(next).await(NAME, ReplicaState.READY);
        assertThat(found.pid()).contains(Long.valueOf(pid));
        assertThat(found.restarts()).isZero();
      }
    }
  }

  static final class Weir {
    private Weir() {}

    public static void main(String[] args) throws Exception {
      Provider provider = provider(options(Path.of(args[0])));
      Watcher watcher = new Watcher(provider);
      System.out.println("opened");
      provider.ensure(args.length > 1 ? marked(args[1]) : server(Mood.FINE, 0));
      System.out.println(watcher.await(NAME, r -> r.pid().isPresent()).pid().orElseThrow());
      watcher.await(NAME, ReplicaState.STOPPED);
    }
  }

  private static ReplicaIntent marked(String mark) {
    return shell("exec sleep 1000", Map.of("MARK", mark));
  }

  @Test
  void kill_9_of_weir_at_any_moment_leaves_one_replica_at_most() throws Exception {
    Random random = new Random(20_260_102);
    String mark = "mark-" + ProcessHandle.current().pid();
    for (int round = 0; round < 3; round++) {
      Process weir = weir(mark);
      try (var output = weir.inputReader()) {
        assertThat(output.readLine()).isEqualTo("opened");
        // A random pause covers the time from before the record is written until after the start.
        assertThat(weir.waitFor(random.nextInt(40), TimeUnit.MILLISECONDS)).isFalse();
        weir.toHandle().destroyForcibly();
        assertThat(weir.waitFor(30, TimeUnit.SECONDS)).isTrue();
      }
      try (Provider next = open()) {
        next.ensure(marked(mark));
        new Watcher(next)
            .await(
                NAME,
                r ->
                    r.state() == ReplicaState.STARTING
                        && withVariable("MARK", mark).equals(r.pid().stream().toList()));
      }
    }
  }

  private Process weir(String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                JAVA,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Weir.class.getName(),
                folder.toString()));
    command.addAll(List.of(more));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  @Test
  void a_late_launch_ends_by_itself() throws Exception {
    ReplicaFolder replicaFolder = ReplicaFolder.of(folder, NAME);
    ReplicaIntent intent = shell("touch ran");
    replicaFolder.write(record(intent, "new"));
    replicaFolder.fence("new");
    Process late =
        Launcher.spawn(
            List.of("/bin/touch", folder.resolve("ran").toString()),
            Map.of(ChildEnvironment.LAUNCH_ID, "old"),
            replicaFolder,
            "old",
            replicaFolder.log());
    assertThat(late.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(late.exitValue()).isEqualTo(75);
    assertThat(folder.resolve("ran")).doesNotExist();
    assertThat(replicaFolder.process("old").orElseThrow().identity().pid()).isEqualTo(late.pid());
    replicaFolder.remove();
  }

  private static LaunchRecord record(ReplicaIntent intent, String launchId) {
    return new LaunchRecord(
        intent,
        launchId,
        TABLE.bootId(),
        1,
        InstantSource.system().instant(),
        dev.weir.runtime.lifecycle.ReplicaLifecycle.Memory.NEW);
  }

  /// Weir dies at one point: its thread ends there without further actions.
  private static final class SimulatedDeath extends Error {
    private static final long serialVersionUID = 1;

    SimulatedDeath() {
      super("dies here", null, false, false);
    }
  }

  /// A provider that dies when it passes the point for the n-th time.
  private Provider dyingAt(LaunchPoint point, int pass, CountDownLatch died) {
    AtomicInteger passes = new AtomicInteger();
    return provider(
        options(folder)
            .withPoints((at, _) -> {
              if (at == point && passes.incrementAndGet() == pass) {
                died.countDown();
                throw new SimulatedDeath();
              }
            }));
  }

  @ParameterizedTest
  @EnumSource(LaunchPoint.class)
  void the_next_weir_recovers_from_a_crash_at_any_point(LaunchPoint point) throws Exception {
    provider.close();
    CountDownLatch died = new CountDownLatch(1);
    ReplicaIntent intent = failing(point) ? shell("exit 1") : server(Mood.FINE, 0);
    try (Provider first = dyingAt(point, 1, died)) {
      Watcher seen = new Watcher(first);
      first.ensure(intent);
      if (ofAnEnd(point)) {
        seen.await(NAME, ReplicaState.READY);
        first.restart(NAME, first.observe().getFirst().launch());
      } else if (ofAStop(point)) {
        seen.await(NAME, ReplicaState.READY);
        first.stop(NAME, Duration.ofSeconds(30));
      }
      assertThat(died.await(60, TimeUnit.SECONDS)).isTrue();
    }
    try (Provider next = open()) {
      Watcher seen = new Watcher(next);
      if (ofAStop(point)) {
        endAll(next);
        assertThat(engines()).isEmpty();
      } else if (failing(point)) {
        assertThat(seen.await(NAME, ReplicaState.FAILED).restarts()).isEqualTo(3);
      } else {
        next.ensure(intent);
        ObservedReplica ready = seen.await(NAME, ReplicaState.READY);
        assertThat(ready.restarts()).isZero();
        assertThat(engines()).containsExactly(ready.pid().orElseThrow());
      }
    }
  }

  private static boolean failing(LaunchPoint point) {
    return point == LaunchPoint.FAILURE_SEEN || point == LaunchPoint.FAILURE_KEPT;
  }

  private static boolean ofAnEnd(LaunchPoint point) {
    return point == LaunchPoint.END_SEEN || point == LaunchPoint.END_KEPT;
  }

  private static boolean ofAStop(LaunchPoint point) {
    return point.compareTo(LaunchPoint.STOP_SEEN) >= 0;
  }

  /// Pids of all model servers of this test.
  private List<Long> engines() throws IOException {
    Path log = folder.toRealPath();
    return living(entry ->
            TABLE.marks(entry.pid()).outputs().stream().anyMatch(path -> path.startsWith(log)))
        .stream()
        .map(ProcessTable.Entry::pid)
        .toList();
  }

  @Test
  void an_adopted_replica_that_is_starting_is_not_ready_even_if_it_was_before() throws Exception {
    provider.close();
    CountDownLatch died = new CountDownLatch(1);
    try (Provider first = dyingAt(LaunchPoint.SPAWNED, 2, died)) {
      first.ensure(server(Mood.FINE, 0));
      long pid = new Watcher(first).await(NAME, ReplicaState.READY).pid().orElseThrow();
      ProcessHandle.of(pid).orElseThrow().destroyForcibly();
      assertThat(died.await(60, TimeUnit.SECONDS)).isTrue();
    }
    try (Provider next = open()) {
      assertThat(next.observe().getFirst().state()).isEqualTo(ReplicaState.STARTING);
      assertThat(new Watcher(next).await(NAME, ReplicaState.READY).restarts()).isEqualTo(1);
    }
  }

  @Test
  void an_observed_end_is_not_counted_again_by_the_next_weir() throws Exception {
    provider.close();
    CountDownLatch died = new CountDownLatch(1);
    try (Provider first = dyingAt(LaunchPoint.END_KEPT, 1, died)) {
      first.ensure(shell("exec sleep 1000"));
      long pid = new Watcher(first).await(NAME, r -> r.pid().isPresent()).pid().orElseThrow();
      awaitFile("pid.*");
      ProcessHandle.of(pid).orElseThrow().destroyForcibly();
      assertThat(died.await(60, TimeUnit.SECONDS)).isTrue();
    }
    try (Provider next = open()) {
      ObservedReplica again =
          new Watcher(next).await(NAME, r -> r.state() == ReplicaState.STARTING);
      assertThat(again.restarts()).isEqualTo(1);
    }
  }

  @Test
  void remaining_replicas_are_known_by_the_name_of_their_target_until_they_are_stopped()
      throws Exception {
    ProcessProviderFactory factory = new ProcessProviderFactory(options(folder));
    assertThat(factory.leftovers()).isEmpty();
    provider.ensure(shell("exec sleep 1000"));
    watcher.await(NAME, r -> r.pid().isPresent());
    assertThat(factory.leftovers()).containsExactly("local");
    endAll(provider);
    assertThat(files("log")).hasSize(1);
    assertThat(factory.leftovers()).isEmpty();
    assertThat(new ProcessProviderFactory(options(folder.resolve("none"))).leftovers()).isEmpty();
  }

  @Test
  void an_unreadable_record_costs_the_process_and_nothing_else() throws Exception {
    provider.ensure(shell("exec sleep 1000"));
    long pid = watcher.await(NAME, r -> r.pid().isPresent()).pid().orElseThrow();
    awaitFile("pid.*");
    provider.close();
    Files.write(files("launch.json").getFirst(), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    try (Provider next = open()) {
      assertThat(next.observe()).isEmpty();
      next.ensure(shell("exec sleep 1000"));
      ObservedReplica fresh = new Watcher(next).await(NAME, r -> r.pid().isPresent());
      assertThat(fresh.pid()).isNotEqualTo(java.util.Optional.of(pid));
      assertThat(runs(pid)).isFalse();
      assertThat(files("unreadable.json")).hasSize(1);
    }
  }
}
