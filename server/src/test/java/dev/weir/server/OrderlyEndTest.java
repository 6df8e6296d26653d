// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.client.ControlEndpoint;
import dev.weir.client.WeirClient;
import dev.weir.control.change.Change;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.StoreChangeExecutor;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.ReplicaView;
import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.Setting;
import dev.weir.store.Commit;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A control plane with a simulated engine in its own process.
@Timeout(120)
class OrderlyEndTest {
  @TempDir Path folder;

  @Test
  void replicas_are_kept_for_an_upgrade_and_stopped_by_an_ordinary_shutdown() throws Exception {
    ProcessHandle engine = keptEngine();
    try (ControlPlane second =
            ControlPlane.start(configuration(false), TestHooks.NONE, OrderlyEndTest::closed);
        WeirClient client = client(second)) {
      assertThat(engine(client)).isEqualTo(engine);
    }
    engine.onExit().get(30, TimeUnit.SECONDS);
    assertThat(engine.isAlive()).isFalse();
  }

  /// The shutdown was requested.
  private static boolean closed() {
    return true;
  }

  /// The engine of a control plane that has ended.
  private ProcessHandle keptEngine() throws Exception {
    ProcessHandle engine;
    try (ControlPlane first =
            ControlPlane.start(configuration(true), TestHooks.NONE, OrderlyEndTest::closed);
        WeirClient client = client(first)) {
      client.apply(ChatManifest.upTo(1, "{}"), false, "test");
      engine = engine(client);
    }
    assertThat(engine.isAlive()).isTrue();
    return engine;
  }

  @Test
  void replicas_of_a_target_deleted_just_before_a_crash_are_stopped_by_the_next_start()
      throws Exception {
    ProcessHandle engine = keptEngine();
    try (Store store = SqliteStore.open(folder, InstantSource.system(), Version.CURRENT)) {
      delete(store, ResourceRef.of(Kind.SERVICE, "default", "chat"));
      delete(store, ResourceRef.of(Kind.TARGET, "", "local"));
    }
    try (ControlPlane _ =
        ControlPlane.start(configuration(true), TestHooks.NONE, OrderlyEndTest::closed)) {
      engine.onExit().get(60, TimeUnit.SECONDS);
      awaitNoRecords();
    }
    assertThat(engine.isAlive()).isFalse();
  }

  /// Waits until no launch record is left. The record is removed after its process ends; a shutdown
  /// in between would leave it to the next start.
  private void awaitNoRecords() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (records() > 0 && System.nanoTime() < end) {
      boolean _ = never.await(50, TimeUnit.MILLISECONDS);
    }
    assertThat(records()).isZero();
  }

  private long records() {
    return recordsBelow(folder.resolve("replicas").toFile());
  }

  /// Does not use `Files.walk`, which fails when a folder is removed during the walk.
  private static long recordsBelow(File file) {
    File[] inside = file.listFiles();
    return inside == null
        ? (file.getName().equals("launch.json") ? 1 : 0)
        : Stream.of(inside).mapToLong(OrderlyEndTest::recordsBelow).sum();
  }

  private static void delete(Store store, ResourceRef ref) {
    Change delete = new Change.Delete(ref, OptionalLong.empty());
    assertThat(new StoreChangeExecutor(store).execute(delete, Actor.WEIR, "test"))
        .isInstanceOf(Commit.Done.class);
  }

  @Test
  void a_failed_start_keeps_replicas_unless_a_stop_was_requested() throws Exception {
    ProcessHandle engine = keptEngine();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Configuration beside = configuration(false, taken.getLocalPort());
      assertThatThrownBy(() -> ControlPlane.start(beside, TestHooks.NONE, () -> false))
          .hasMessageContaining(Integer.toString(taken.getLocalPort()));
      assertThat(engine.isAlive()).isTrue();
      assertThatThrownBy(() -> ControlPlane.start(beside, TestHooks.NONE, OrderlyEndTest::closed))
          .hasMessageContaining(Integer.toString(taken.getLocalPort()));
    }
    engine.onExit().get(30, TimeUnit.SECONDS);
    assertThat(engine.isAlive()).isFalse();
  }

  /// `weir up`, which prints a line before it adopts its replicas, and then waits for a file.
  static final class SlowStart {
    private SlowStart() {}

    public static void main(String[] args) {
      Path proceed = Path.of(args[1]);
      TestHooks testHooks =
          TestHooks.NONE.withProcesses(options -> {
            System.out.println("starting");
            while (!Files.exists(proceed)) {
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
            return options;
          });
      Weir.run(
          testHooks,
          "up",
          "--data",
          args[0],
          "--gateway",
          "127.0.0.1:0",
          "--control",
          "127.0.0.1:0");
    }
  }

  @Test
  void sigterm_during_the_start_stops_the_replicas_that_the_start_adopts() throws Exception {
    ProcessHandle engine = keptEngine();
    Path proceed = folder.resolve("go-on");
    ProcessBuilder command =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            SlowStart.class.getName(),
            folder.toString(),
            proceed.toString());
    command.environment().put("WEIR_CONFIG_DIR", folder.toString());
    Process starting = command.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var output = starting.inputReader()) {
      assertThat(output.readLine()).isEqualTo("starting");
      starting.destroy();
      Files.createFile(proceed);
      assertThat(starting.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      starting.destroyForcibly();
    }
    engine.onExit().get(30, TimeUnit.SECONDS);
    assertThat(engine.isAlive()).isFalse();
  }

  private Configuration configuration(boolean keepReplicas) {
    return configuration(keepReplicas, 0);
  }

  private Configuration configuration(boolean keepReplicas, int port) {
    return Configuration.load(
        Optional.empty(),
        Map.of(),
        Map.of(
            Setting.DATA, folder.toString(),
            Setting.CONTROL, "127.0.0.1:" + port,
            Setting.KEEP_REPLICAS, Boolean.toString(keepReplicas)));
  }

  private static WeirClient client(ControlPlane plane) throws IOException {
    String key = Files.readString(plane.adminKeyFile()).strip();
    return new WeirClient(ControlEndpoint.of(URI.create("http://127.0.0.1:" + plane.port()), key));
  }

  /// The process of the only replica, once it is ready.
  private static ProcessHandle engine(WeirClient client) throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (System.nanoTime() < end && !never.await(100, TimeUnit.MILLISECONDS)) {
      Optional<ReplicaView> ready =
          client.replicas().stream().filter(r -> r.state() == ReplicaState.READY).findFirst();
      if (ready.isPresent()) {
        return ProcessHandle.of(ready.get().pid().orElseThrow()).orElseThrow();
      }
    }
    throw new AssertionError("no replica became ready: " + client.replicas());
  }
}
