// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static dev.weir.runtime.ProviderContract.NAME;
import static org.assertj.core.api.Assertions.assertThat;
import dev.weir.model.ReplicaState;
import dev.weir.runtime.ObservedReplica;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A stop asks, then kills, and leaves nobody.
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
}
