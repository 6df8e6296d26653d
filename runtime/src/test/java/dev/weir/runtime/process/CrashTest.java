// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static dev.weir.runtime.ProviderContract.NAME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.status.ReplicaState;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.Provider;
import dev.weir.runtime.TestModelServer.Mood;
import dev.weir.runtime.Watcher;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// How replicas end, and how the provider reports and handles it.
final class CrashTest extends ProcessTests {
  @Test
  void three_crashes_are_a_crash_loop_with_the_last_output() throws Exception {
    provider.ensure(shell("echo loading; echo 'RuntimeError: no CUDA device' >&2; exit 3"));
    ObservedReplica failed = watcher.await(NAME, ReplicaState.FAILED);
    assertThat(failed.reason())
        .contains("crash loop: 3 crashes")
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
  void a_failed_replica_can_be_restarted_manually() throws Exception {
    Path flag = folder.resolve("flag");
    provider.ensure(shell("test -e " + flag + " || exit 4; exec sleep 1000"));
    ObservedReplica failed = watcher.await(NAME, ReplicaState.FAILED);
    Files.createFile(flag);
    provider.restart(NAME, failed.launch());
    ObservedReplica started = watcher.await(NAME, ReplicaState.STARTING);
    assertThat(started.restarts()).isEqualTo(3);
  }

  @Test
  void its_output_while_it_loads_is_its_progress() throws Exception {
    provider.ensure(shell("echo 'Loading shards: 40%'; exec sleep 1000"));
    ObservedReplica loading = watcher.await(NAME, r -> r.reason().contains("Loading shards: 40%"));
    assertThat(loading.state()).isEqualTo(ReplicaState.STARTING);
    assertThat(loading.reason()).contains("connection refused");
  }

  @Test
  void after_a_port_in_use_another_is_tried_and_no_crash_is_counted() throws Exception {
    Path ports = folder.resolve("ports");
    provider.ensure(
        shell(
            "echo $1 >> "
                + ports
                + "; test $(wc -l < "
                + ports
                + ") -ge 3 || { echo 'OSError: [Errno 98] Address already in use'; exit 1; }; exec"
                + " sleep 1000"));
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
  void a_start_that_takes_too_long_fails_and_leaves_no_process() throws Exception {
    EngineSpec engine =
        new EngineSpec(
            new EngineType("vllm"),
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
    assertThat(group(pid)).isEmpty();
  }

  @Test
  void a_signal_is_reported_by_name() throws Exception {
    provider.ensure(shell("kill -SEGV $$"));
    assertThat(watcher.await(NAME, ReplicaState.FAILED).reason())
        .contains("exit code 139 (SIGSEGV)");
  }

  @Test
  void a_failed_write_delays_a_start_and_is_not_a_crash() throws Exception {
    Path blocker = ReplicaFolder.of(folder.resolve("local"), NAME).folder();
    Files.writeString(blocker, "a file where a folder should be");
    provider.ensure(shell("exec sleep 1000"));
    ObservedReplica hindered = watcher.await(NAME, ReplicaState.BACK_OFF);
    assertThat(hindered.reason()).contains("cannot write the record").contains("Exists");
    Files.delete(blocker);
    assertThat(watcher.await(NAME, ReplicaState.STARTING).restarts()).isZero();
  }

  /// Takes the port of the first `starts` starts between its choice and its use.
  private Provider takingPorts(int starts, List<ServerSocket> taken) {
    return provider(
        options(folder)
            .withPoints((at, name) -> {
              if (at == LaunchPoint.SPAWN_DUE && taken.size() < starts) {
                int port =
                    ReplicaFolder.of(folder.resolve("local"), name).read().orElseThrow().port();
                try {
                  taken.add(new ServerSocket(port, 5, InetAddress.getLoopbackAddress()));
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              }
            }));
  }

  @Test
  void a_port_taken_by_another_process_is_not_a_crash_whatever_the_engine_prints()
      throws Exception {
    provider.close();
    List<ServerSocket> taken = new CopyOnWriteArrayList<>();
    Path starts = folder.resolve("starts");
    provider = takingPorts(2, taken);
    watcher = new Watcher(provider);
    provider.ensure(
        shell(
            "echo start >> "
                + starts
                + "; test $(wc -l < "
                + starts
                + ") -ge 3 || exit 1; exec sleep 1000"));
    ObservedReplica started =
        watcher.await(NAME, r -> r.state() == ReplicaState.STARTING && lines(starts) == 3);
    assertThat(started.restarts()).isZero();
    assertThat(taken)
        .hasSize(2)
        .extracting(ServerSocket::getLocalPort)
        .doesNotContain(started.endpoint().orElseThrow().getPort());
    for (ServerSocket each : taken) {
      each.close();
    }
  }

  @Test
  void a_real_server_whose_port_is_taken_starts_on_another_port() throws Exception {
    provider.close();
    List<ServerSocket> taken = new CopyOnWriteArrayList<>();
    provider = takingPorts(1, taken);
    watcher = new Watcher(provider);
    provider.ensure(server(Mood.FINE, 0));
    ObservedReplica ready = watcher.await(NAME, ReplicaState.READY);
    assertThat(ready.restarts()).isZero();
    assertThat(taken).hasSize(1);
    taken.getFirst().close();
  }
}
