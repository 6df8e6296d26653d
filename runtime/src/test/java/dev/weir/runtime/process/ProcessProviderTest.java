// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.model.EngineSpec;
import dev.weir.model.EngineType;
import dev.weir.model.Metadata;
import dev.weir.model.NoStatus;
import dev.weir.model.ReplicaName;
import dev.weir.model.ReplicaState;
import dev.weir.model.Target;
import dev.weir.model.TargetSpec;
import dev.weir.model.TargetSpec.ProviderType;
import dev.weir.runtime.ModelServer;
import dev.weir.runtime.ModelServer.Mood;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ProviderContract;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.Watcher;
import dev.weir.runtime.probe.GenerationProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessProviderTest extends ProviderContract {
  private static final String JAVA = ProcessHandle.current().info().command().orElseThrow();
  private static final long MAX_LOG = 20_000;

  @TempDir Path folder;

  @Override
  protected Provider open() {
    return provider(folder);
  }

  static Provider provider(Path folder) {
    Map<String, String> own =
        Map.of(
            "PATH", "/usr/bin:/bin", "HOME", "/tmp", "WEIR_SECRET", "topsecret", "OTHER", "unseen");
    ProcessProviderOptions options =
        new ProcessProviderOptions(
            folder,
            List.of(
                JAVA,
                "-cp",
                System.getProperty("java.class.path"),
                "-XX:TieredStopAtLevel=1",
                "-Xmx32m",
                ModelServer.class.getName(),
                "{port}"),
            own,
            InstantSource.system(),
            QUICK,
            GenerationProbe.Limits.DEFAULT,
            MAX_LOG);
    TargetSpec spec =
        new TargetSpec(
            ProviderType.PROCESS,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            List.of("/bin/sh", "sh"));
    return new ProcessProviderFactory(options)
        .open(new Target(Metadata.of("", "local"), spec, new NoStatus()));
  }

  @Override
  protected ReplicaIntent intent(ReplicaName name, Mood mood, int warmUpRequests) {
    return intent(
        name,
        new EngineSpec(EngineType.SIM, List.of(), List.of(mood.name()), Optional.empty(), Map.of()),
        Duration.ofSeconds(60),
        warmUpRequests);
  }

  private static ReplicaIntent fine() {
    EngineSpec engine =
        new EngineSpec(EngineType.SIM, List.of(), List.of("FINE"), Optional.empty(), Map.of());
    return intent(NAME, engine, Duration.ofSeconds(60), 0);
  }

  private static ReplicaIntent intent(
      ReplicaName name, EngineSpec engine, Duration startupTimeout, int warmUpRequests) {
    return new ReplicaIntent(
        name, "hash-1", engine, "chat", startupTimeout, Optional.empty(), warmUpRequests);
  }

  private static ReplicaIntent shell(String script, Map<String, String> env) {
    return intent(
        NAME,
        new EngineSpec(
            EngineType.VLLM,
            List.of("/bin/sh", "-c", script),
            List.of("sh", "{port}", "{host}", "{model}", "{version}"),
            Optional.empty(),
            env),
        Duration.ofSeconds(60),
        0);
  }

  private static ReplicaIntent shell(String script) {
    return shell(script, Map.of());
  }

  @AfterEach
  void nothingStaysBehind() throws Exception {
    provider.close(); // two providers on one folder would undo each other's work
    try (Provider last = open()) {
      Watcher end = new Watcher(last);
      for (ObservedReplica replica : last.observe()) {
        last.stop(replica.name(), Duration.ZERO);
        if (replica.state() != ReplicaState.STOPPED) {
          end.await(replica.name(), ReplicaState.STOPPED);
        }
      }
    }
  }

  // Finding children again

  @Test
  void a_replica_is_found_again_without_a_second_start() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 0));
    ObservedReplica before = watcher.await(NAME, ReplicaState.READY);
    provider.close();
    try (Provider second = open()) {
      ObservedReplica found = second.observe().getFirst();
      assertThat(found.state()).isEqualTo(ReplicaState.READY);
      assertThat(found.pid()).isEqualTo(before.pid());
      assertThat(found.endpoint()).isEqualTo(before.endpoint());
      second.ensure(intent(NAME, Mood.FINE, 0));
      assertThat(second.observe()).hasSize(1);
      ProcessHandle.of(before.pid().orElseThrow()).orElseThrow().destroyForcibly();
      Watcher again = new Watcher(second);
      ObservedReplica restarted =
          again.await(NAME, r -> r.restarts() == 1 && r.state() == ReplicaState.READY);
      assertThat(restarted.pid()).isNotEqualTo(before.pid());
    }
  }

  @Test
  void a_replica_is_found_again_by_its_environment_when_its_pid_was_not_written() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 0));
    ObservedReplica before = watcher.await(NAME, ReplicaState.READY);
    provider.close();
    for (Path file : files("pid.*")) {
      Files.writeString(file, "12"); // torn
    }
    try (Provider second = open()) {
      assertThat(second.observe().getFirst().pid()).isEqualTo(before.pid());
    }
  }

  @Test
  void a_replica_that_ended_while_weir_was_away_is_started_again_and_counted() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 0));
    ObservedReplica before = watcher.await(NAME, ReplicaState.READY);
    provider.close();
    ProcessHandle process = ProcessHandle.of(before.pid().orElseThrow()).orElseThrow();
    process.destroyForcibly();
    process.onExit().get(30, TimeUnit.SECONDS);
    try (Provider second = open()) {
      ObservedReplica ready = new Watcher(second).await(NAME, ReplicaState.READY);
      assertThat(ready.restarts()).isEqualTo(1);
      assertThat(ready.pid()).isNotEqualTo(before.pid());
    }
  }

  @Test
  void a_stop_that_was_under_way_is_finished_by_the_next_weir() throws Exception {
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
      assertThat(ProcessTable.find(pid).filter(entry -> !entry.zombie())).isEmpty();
    }
  }

  @Test
  void kill_9_of_weir_leaves_replicas_running_and_adoptable() throws Exception {
    Process weir = weir();
    try (var said = weir.inputReader()) {
      assertThat(said.readLine()).isEqualTo("opened");
      String pid = said.readLine();
      weir.toHandle().destroyForcibly();
      assertThat(weir.waitFor(30, TimeUnit.SECONDS)).isTrue();
      try (Provider next = open()) {
        ObservedReplica found = new Watcher(next).await(NAME, ReplicaState.READY);
        assertThat(found.pid()).contains(Long.valueOf(pid));
        assertThat(found.restarts()).isZero();
      }
    }
  }

  /// A Weir that starts one replica, says its pid as soon as it has one, and waits to be killed.
  static final class Weir {
    private Weir() {}

    public static void main(String[] args) throws Exception {
      Provider provider = provider(Path.of(args[0]));
      Watcher watcher = new Watcher(provider);
      System.out.println("opened");
      provider.ensure(args.length > 1 ? marked(args[1]) : fine());
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
    for (int round = 0; round < 5; round++) {
      Process weir = weir(mark);
      try (var said = weir.inputReader()) {
        assertThat(said.readLine()).isEqualTo("opened");
        // A pause of random length, from before the record to after the start.
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
                        && ProcessTable.withVariable("MARK", mark).stream()
                            .map(entry -> entry.identity().pid())
                            .toList()
                            .equals(r.pid().stream().toList()));
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
    Records records = Records.of(folder, NAME);
    ReplicaIntent intent = shell("touch ran");
    records.write(record(intent, "new"));
    Process late =
        Launcher.spawn(
            List.of("/bin/touch", folder.resolve("ran").toString()),
            Map.of(ChildEnvironment.LAUNCH_ID, "old"),
            records,
            "old",
            records.log());
    assertThat(late.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(late.exitValue()).isEqualTo(75);
    assertThat(folder.resolve("ran")).doesNotExist();
    assertThat(records.process("old").orElseThrow().identity().pid()).isEqualTo(late.pid());
    records.remove();
  }

  private static LaunchRecord record(ReplicaIntent intent, String launchId) {
    return new LaunchRecord(
        intent,
        launchId,
        ProcessTable.bootId(),
        1,
        InstantSource.system().instant(),
        dev.weir.runtime.lifecycle.Life.Memory.NEW);
  }

  // Crashes

  @Test
  void kill_9_of_a_replica_is_a_restart_that_counts() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 0));
    ObservedReplica before = watcher.await(NAME, ReplicaState.READY);
    ProcessHandle.of(before.pid().orElseThrow()).orElseThrow().destroyForcibly();
    ObservedReplica after =
        watcher.await(NAME, r -> r.state() == ReplicaState.READY && r.restarts() == 1);
    assertThat(after.pid()).isNotEqualTo(before.pid());
    assertThat(watcher.seen()).anyMatch(r -> r.reason().contains("exit code 137"));
  }

  @Test
  void three_crashes_are_a_crash_loop_with_its_last_words() throws Exception {
    provider.ensure(shell("echo loading; echo 'RuntimeError: no CUDA device' >&2; exit 3"));
    ObservedReplica failed = watcher.await(NAME, ReplicaState.FAILED);
    assertThat(failed.reason())
        .contains("crash loop: 3 ends")
        .contains("exit code 3")
        .contains("RuntimeError: no CUDA device");
    assertThat(failed.restarts()).isEqualTo(3);
    assertThat(failed.pid()).isEmpty();
    provider.close();
    try (Provider second = open()) {
      ObservedReplica still = new Watcher(second).await(NAME, ReplicaState.FAILED);
      assertThat(still.reason()).isEqualTo(failed.reason());
      assertThat(still.restarts()).isEqualTo(3);
    }
  }

  @Test
  void a_failed_replica_can_be_restarted_by_hand() throws Exception {
    Path flag = folder.resolve("flag");
    provider.ensure(shell("test -e " + flag + " || exit 4; exec sleep 1000"));
    watcher.await(NAME, ReplicaState.FAILED);
    Files.createFile(flag);
    provider.restart(NAME);
    ObservedReplica started = watcher.await(NAME, ReplicaState.STARTING);
    assertThat(started.restarts()).isEqualTo(3);
  }

  @Test
  void a_wanted_restart_is_another_process_and_no_crash() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 0));
    ObservedReplica before = watcher.await(NAME, ReplicaState.READY);
    provider.restart(NAME);
    ObservedReplica after =
        watcher.await(NAME, r -> r.state() == ReplicaState.READY && !r.pid().equals(before.pid()));
    assertThat(after.restarts()).isZero();
  }

  @Test
  void what_it_says_while_it_loads_is_its_progress() throws Exception {
    provider.ensure(shell("echo 'Loading shards: 40%'; exec sleep 1000"));
    ObservedReplica loading = watcher.await(NAME, r -> r.reason().contains("Loading shards: 40%"));
    assertThat(loading.state()).isEqualTo(ReplicaState.STARTING);
    assertThat(loading.reason()).contains("connection refused");
  }

  @Test
  void a_port_that_is_taken_is_tried_with_another_and_is_no_crash() throws Exception {
    Path ports = folder.resolve("ports");
    provider.ensure(
        shell(
            "echo $1 >> "
                + ports
                + "; test $(wc -l < "
                + ports
                + ") -ge 3 || { echo 'OSError: [Errno 98] Address already in use'; exit 1; }; exec sleep 1000"));
    watcher.await(NAME, r -> r.state() == ReplicaState.STARTING && lines(ports) == 3);
    assertThat(provider.observe().getFirst().restarts()).isZero();
  }

  private static int lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void a_start_that_takes_too_long_has_failed_and_leaves_no_process() throws Exception {
    EngineSpec engine =
        new EngineSpec(
            EngineType.VLLM,
            List.of("/bin/sh", "-c", "sleep 1000 & wait"),
            List.of(),
            Optional.empty(),
            Map.of());
    provider.ensure(intent(NAME, engine, Duration.ofMillis(400), 0));
    long pid = watcher.await(NAME, r -> r.pid().isPresent()).pid().orElseThrow();
    ObservedReplica failed = watcher.await(NAME, ReplicaState.FAILED);
    assertThat(failed.reason()).contains("startupTimeout").contains("connection refused");
    provider.stop(NAME, Duration.ZERO);
    watcher.await(NAME, ReplicaState.STOPPED);
    assertThat(ProcessTable.group(pid)).isEmpty();
  }

  // What is run, and how

  @Test
  void a_command_that_is_not_allowed_has_failed_and_says_who_can_allow_it() throws Exception {
    EngineSpec engine =
        new EngineSpec(
            EngineType.VLLM, List.of("/bin/rm", "-rf"), List.of(), Optional.empty(), Map.of());
    provider.ensure(intent(NAME, engine, Duration.ofSeconds(5), 0));
    assertThat(watcher.await(NAME, ReplicaState.FAILED).reason())
        .contains("not allowed")
        .contains("/bin/rm")
        .contains("allowedCommands");
    assertThat(files("pid.*")).isEmpty();
  }

  @Test
  void the_environment_is_scrubbed_and_secrets_are_resolved_and_nowhere_written() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "from-a-file\n");
    Path out = folder.resolve("out");
    provider.ensure(
        shell(
            "env > " + out + ".new; mv " + out + ".new " + out + "; exec sleep 1000",
            Map.of("TOKEN", "env:WEIR_SECRET", "KEY", "file:" + secret, "PLAIN", "text")));
    watcher.await(NAME, r -> r.state() == ReplicaState.STARTING && Files.exists(out));
    List<String> env = Files.readAllLines(out);
    assertThat(env).contains("TOKEN=topsecret", "KEY=from-a-file", "PLAIN=text", "HOME=/tmp");
    assertThat(env).noneMatch(line -> line.startsWith("OTHER=") || line.startsWith("WEIR_SECRET="));
    assertThat(env).anyMatch(line -> line.startsWith("WEIR_LAUNCH_ID="));
    Files.delete(out);
    for (Path file : files("*")) {
      assertThat(Files.readString(file)).doesNotContain("topsecret").doesNotContain("from-a-file");
    }
  }

  @Test
  void a_secret_that_is_not_there_is_named() throws Exception {
    provider.ensure(shell("exit 0", Map.of("TOKEN", "env:NOT_THERE")));
    assertThat(watcher.await(NAME, ReplicaState.FAILED).reason())
        .contains("TOKEN")
        .contains("env:NOT_THERE");
  }

  @Test
  void variables_that_would_load_other_code_are_refused() throws Exception {
    provider.ensure(shell("exit 0", Map.of("LD_PRELOAD", "/tmp/evil.so")));
    assertThat(watcher.await(NAME, ReplicaState.FAILED).reason()).contains("LD_PRELOAD");
  }

  @Test
  void placeholders_are_filled_in_and_the_port_is_the_endpoints() throws Exception {
    Path out = folder.resolve("out");
    provider.ensure(
        shell(
            "echo $1 $2 $3 $4 > " + out + ".new; mv " + out + ".new " + out + "; exec sleep 1000"));
    ObservedReplica started =
        watcher.await(NAME, r -> r.state() == ReplicaState.STARTING && Files.exists(out));
    int port = started.endpoint().orElseThrow().getPort();
    assertThat(Files.readString(out)).isEqualTo(port + " 127.0.0.1 chat 2\n");
  }

  @Test
  void children_of_a_replica_end_with_it() throws Exception {
    provider.ensure(
        shell("sleep 1000 & sleep 1000 & touch " + folder.resolve("forked") + "; exec sleep 1000"));
    ObservedReplica started =
        watcher.await(NAME, r -> r.pid().isPresent() && Files.exists(folder.resolve("forked")));
    long group = started.pid().orElseThrow();
    assertThat(ProcessTable.group(group)).hasSize(3);
    ProcessHandle.of(group).orElseThrow().destroyForcibly();
    watcher.await(NAME, r -> r.restarts() == 1 && r.pid().isPresent());
    assertThat(ProcessTable.group(group)).isEmpty();
  }

  @Test
  void a_replica_that_ignores_the_request_to_end_is_killed() throws Exception {
    Path ready = folder.resolve("ready");
    provider.ensure(shell("trap '' TERM; touch " + ready + "; while :; do sleep 0.05; done"));
    long pid =
        watcher.await(NAME, r -> r.pid().isPresent() && Files.exists(ready)).pid().orElseThrow();
    provider.stop(NAME, Duration.ofMillis(200));
    watcher.await(NAME, ReplicaState.STOPPED);
    assertThat(ProcessTable.group(pid)).isEmpty();
    assertThat(files("launch*")).isEmpty();
  }

  @Test
  void a_replica_has_time_to_end_well() throws Exception {
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

  @Test
  void the_log_is_bounded_however_much_is_said() throws Exception {
    Path done = folder.resolve("done");
    provider.ensure(
        shell(
            "i=0; while [ $i -lt 4000 ]; do echo \"line $i of a chatty engine, as engines are\"; i=$((i+1)); done; "
                + "sleep 0.3; echo the end; touch "
                + done
                + "; exec sleep 1000"));
    watcher.await(NAME, r -> r.state() == ReplicaState.STARTING && Files.exists(done));
    Path log = files("log").getFirst();
    assertThat(Files.size(log)).isLessThanOrEqualTo(MAX_LOG);
    assertThat(Files.size(log.resolveSibling("log.1"))).isLessThanOrEqualTo(MAX_LOG);
    assertThat(Files.readString(log)).endsWith("the end\n");
  }

  @Test
  void a_target_of_another_provider_is_refused() {
    TargetSpec external =
        new TargetSpec(
            ProviderType.EXTERNAL,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            List.of());
    ProcessProviderFactory factory =
        new ProcessProviderFactory(
            ProcessProviderOptions.of(folder, List.of(), InstantSource.system()));
    Target target = new Target(Metadata.of("", "far"), external, new NoStatus());
    assertThatThrownBy(() -> factory.open(target))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Target/far");
  }

  /// Files of that name anywhere in the provider's folder.
  private List<Path> files(String glob) throws IOException {
    var matcher = folder.getFileSystem().getPathMatcher("glob:" + glob);
    try (Stream<Path> all = Files.walk(folder.resolve("local"))) {
      return all.filter(Files::isRegularFile)
          .filter(file -> matcher.matches(file.getFileName()))
          .toList();
    }
  }

  private void awaitFile(String glob) throws Exception {
    watcher.await(
        NAME,
        _ -> {
          try {
            return !files(glob).isEmpty();
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }
}
