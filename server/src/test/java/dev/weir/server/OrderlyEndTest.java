// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.Endpoint;
import dev.weir.client.WeirClient;
import dev.weir.model.ReplicaState;
import dev.weir.model.ReplicaView;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A control plane with a real simulated engine as a process of its own.
@Timeout(120)
class OrderlyEndTest {
  private static final String MANIFEST =
      """
      apiVersion: weir.dev/v1
      kind: Model
      metadata: {name: chat}
      spec: {owner: test}
      ---
      apiVersion: weir.dev/v1
      kind: ModelVersion
      metadata: {name: chat-1}
      spec: {model: chat, version: "1", engine: {type: sim, args: ["--time-scale", "100"]}}
      ---
      apiVersion: weir.dev/v1
      kind: Service
      metadata: {name: chat}
      spec: {version: chat@1, placements: [{target: local, replicas: 1}]}
      """;

  @TempDir Path folder;

  @Test
  void replicas_are_kept_for_an_upgrade_and_stopped_at_the_end() throws Exception {
    ControlPlane first = ControlPlane.start(configuration(true), Seams.NONE);
    ProcessHandle engine;
    try (WeirClient client = client(first)) {
      client.apply(MANIFEST, false, "test");
      engine = engine(client);
    } finally {
      first.stop();
    }
    assertThat(engine.isAlive()).isTrue();

    ControlPlane second = ControlPlane.start(configuration(false), Seams.NONE);
    try (WeirClient client = client(second)) {
      assertThat(engine(client)).isEqualTo(engine);
    } finally {
      second.stop();
    }
    engine.onExit().get(30, TimeUnit.SECONDS);
    assertThat(engine.isAlive()).isFalse();
  }

  private Configuration configuration(boolean keepReplicas) {
    return Configuration.load(
        Optional.empty(),
        Map.of(),
        Map.of(
            Setting.DATA, folder.toString(),
            Setting.CONTROL, "127.0.0.1:0",
            Setting.KEEP_REPLICAS, Boolean.toString(keepReplicas)));
  }

  private static WeirClient client(ControlPlane plane) throws IOException {
    String key = Files.readString(plane.adminKeyFile()).strip();
    return new WeirClient(Endpoint.of(URI.create("http://127.0.0.1:" + plane.port()), key));
  }

  /// The process of the one replica, once that is ready.
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
