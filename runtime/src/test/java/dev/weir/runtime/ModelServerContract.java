// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.status.ReplicaState;
import dev.weir.runtime.TestModelServer.Mood;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.Test;

/// The guarantees of every [Provider] with real model servers: it probes them. Each replica is a
/// [TestModelServer].
public abstract class ModelServerContract extends ProviderContract {
  protected ModelServerContract() {}

  @Override
  protected void change(ObservedReplica replica, Mood mood)
      throws IOException, InterruptedException {
    int _ = TestModelServer.setMood(replica.endpoint().orElseThrow(), mood);
  }

  @Override
  protected boolean runs(ObservedReplica replica) throws InterruptedException {
    try {
      return TestModelServer.setMood(replica.endpoint().orElseThrow(), Mood.FINE) >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void a_replica_is_ready_only_after_a_real_generation() throws Exception {
    provider.ensure(intent(NAME, Mood.LOADING, 0));
    ObservedReplica loading = watcher.await(NAME, r -> r.reason().contains("Loading model, 40%"));
    assertThat(loading.state()).isEqualTo(ReplicaState.STARTING);
    URI endpoint = loading.endpoint().orElseThrow();
    TestModelServer.setMood(endpoint, Mood.BROKEN);
    watcher.await(NAME, r -> r.reason().contains("CUDA out of memory"));
    TestModelServer.setMood(endpoint, Mood.BUSY);
    watcher.await(NAME, r -> r.reason().contains("queue full"));
    assertThat(watcher.seen())
        .extracting(ObservedReplica::state)
        .doesNotContain(ReplicaState.READY);
    TestModelServer.setMood(endpoint, Mood.FINE);
    ObservedReplica ready = watcher.await(NAME, ReplicaState.READY);
    assertThat(ready.endpoint()).contains(endpoint);
    assertThat(ready.specHash()).isEqualTo("hash-1");
    assertThat(ready.restarts()).isZero();
  }

  @Test
  void a_replica_is_warmed_up_before_it_is_ready() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 5));
    URI endpoint = watcher.await(NAME, ReplicaState.READY).endpoint().orElseThrow();
    assertThat(TestModelServer.setMood(endpoint, Mood.FINE)).isGreaterThanOrEqualTo(6);
  }

  @Test
  void a_busy_replica_stays_ready() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 0));
    URI endpoint = watcher.await(NAME, ReplicaState.READY).endpoint().orElseThrow();
    int before = TestModelServer.setMood(endpoint, Mood.BUSY);
    while (TestModelServer.setMood(endpoint, Mood.BUSY) < before + 5) {
      assertThat(provider.observe())
          .extracting(ObservedReplica::state)
          .containsOnly(ReplicaState.READY);
    }
  }
}
