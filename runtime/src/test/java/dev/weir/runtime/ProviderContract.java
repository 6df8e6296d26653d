// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.ReplicaName;
import dev.weir.model.ReplicaState;
import dev.weir.model.VersionRef;
import dev.weir.runtime.ModelServer.Mood;
import dev.weir.runtime.lifecycle.Timing;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every [Provider] keeps. An implementation's test extends this, says how to open one, and
/// makes intents whose replica is a [ModelServer].
public abstract class ProviderContract {
  /// A life in fast motion.
  public static final Timing QUICK =
      new Timing(
          Duration.ofMillis(50),
          Duration.ofMillis(100),
          Duration.ofMillis(200),
          Duration.ofMillis(50),
          3,
          Duration.ofSeconds(30),
          Duration.ofMillis(20),
          Duration.ofMillis(100),
          Duration.ofMinutes(10),
          3,
          Duration.ofMillis(50));

  public static final ReplicaName NAME =
      new ReplicaName("default", "chat", new VersionRef("chat", "2"), 0);

  private static final Duration GRACE = Duration.ofSeconds(20);

  protected Provider provider;
  protected Watcher watcher;

  protected abstract Provider open() throws Exception;

  /// A replica that begins in that mood.
  protected abstract ReplicaIntent intent(ReplicaName name, Mood mood, int warmUpRequests)
      throws Exception;

  @SuppressWarnings("NullAway.Init")
  protected ProviderContract() {}

  @BeforeEach
  void openProvider() throws Exception {
    provider = open();
    watcher = new Watcher(provider);
  }

  @AfterEach
  void closeProvider() {
    provider.close();
  }

  @Test
  void a_replica_is_ready_only_after_a_real_generation() throws Exception {
    provider.ensure(intent(NAME, Mood.LOADING, 0));
    ObservedReplica loading = watcher.await(NAME, r -> r.reason().contains("Loading model, 40%"));
    assertThat(loading.state()).isEqualTo(ReplicaState.STARTING);
    URI endpoint = loading.endpoint().orElseThrow();
    ModelServer.tell(endpoint, Mood.BROKEN);
    watcher.await(NAME, r -> r.reason().contains("CUDA out of memory"));
    ModelServer.tell(endpoint, Mood.BUSY);
    watcher.await(NAME, r -> r.reason().contains("queue full"));
    assertThat(watcher.seen())
        .extracting(ObservedReplica::state)
        .doesNotContain(ReplicaState.READY);
    ModelServer.tell(endpoint, Mood.FINE);
    ObservedReplica ready = watcher.await(NAME, ReplicaState.READY);
    assertThat(ready.endpoint()).contains(endpoint);
    assertThat(ready.specHash()).isEqualTo("hash-1");
    assertThat(ready.restarts()).isZero();
  }

  @Test
  void a_replica_is_warmed_up_before_it_is_ready() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 5));
    URI endpoint = watcher.await(NAME, ReplicaState.READY).endpoint().orElseThrow();
    assertThat(ModelServer.tell(endpoint, Mood.FINE)).isGreaterThanOrEqualTo(6);
  }

  @Test
  void a_replica_that_no_longer_generates_is_unready_until_it_does() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 0));
    URI endpoint = watcher.await(NAME, ReplicaState.READY).endpoint().orElseThrow();
    ModelServer.tell(endpoint, Mood.BROKEN);
    assertThat(watcher.await(NAME, ReplicaState.UNREADY).reason()).contains("CUDA out of memory");
    ModelServer.tell(endpoint, Mood.FINE);
    watcher.await(NAME, ReplicaState.READY);
  }

  @Test
  void a_busy_replica_stays_ready() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 0));
    URI endpoint = watcher.await(NAME, ReplicaState.READY).endpoint().orElseThrow();
    int before = ModelServer.tell(endpoint, Mood.BUSY);
    while (ModelServer.tell(endpoint, Mood.BUSY) < before + 5) {
      assertThat(provider.observe())
          .extracting(ObservedReplica::state)
          .containsOnly(ReplicaState.READY);
    }
  }

  @Test
  void ensuring_again_changes_nothing() throws Exception {
    ReplicaIntent intent = intent(NAME, Mood.FINE, 0);
    provider.ensure(intent);
    provider.ensure(intent);
    ObservedReplica ready = watcher.await(NAME, ReplicaState.READY);
    provider.ensure(intent);
    provider.ensure(withHash(intent, "hash-2"));
    assertThat(provider.observe()).hasSize(1);
    ObservedReplica now = provider.observe().getFirst();
    assertThat(now.endpoint()).isEqualTo(ready.endpoint());
    assertThat(now.pid()).isEqualTo(ready.pid());
    assertThat(now.specHash()).isEqualTo("hash-1");
  }

  private static ReplicaIntent withHash(ReplicaIntent intent, String hash) {
    return new ReplicaIntent(
        intent.name(),
        hash,
        intent.engine(),
        intent.servedModel(),
        intent.startupTimeout(),
        intent.endpoint(),
        intent.warmUpRequests());
  }

  @Test
  void a_stopped_replica_is_reported_once() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 0));
    watcher.await(NAME, ReplicaState.READY);
    provider.stop(NAME, GRACE);
    provider.stop(NAME, GRACE);
    watcher.await(NAME, ReplicaState.STOPPED);
    assertThat(provider.observe()).isEmpty();
    provider.stop(NAME, GRACE);
    assertThat(provider.observe()).isEmpty();
  }

  @Test
  void a_replica_can_be_wanted_again_after_it_was_stopped() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 0));
    watcher.await(NAME, ReplicaState.READY);
    provider.stop(NAME, GRACE);
    watcher.await(NAME, ReplicaState.STOPPED);
    provider.ensure(intent(NAME, Mood.FINE, 0));
    watcher.await(NAME, ReplicaState.READY);
  }

  @Test
  void unknown_names_are_ignored() {
    provider.stop(NAME, GRACE);
    provider.restart(NAME, "");
    assertThat(provider.observe()).isEmpty();
  }

  @Test
  void replicas_are_observed_by_name() throws Exception {
    ReplicaName second = new ReplicaName("default", "chat", new VersionRef("chat", "2"), 1);
    provider.ensure(intent(second, Mood.LOADING, 0));
    provider.ensure(intent(NAME, Mood.LOADING, 0));
    assertThat(provider.observe()).extracting(ObservedReplica::name).containsExactly(NAME, second);
  }

  @Test
  void closing_leaves_the_replicas_running() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 0));
    URI endpoint = watcher.await(NAME, ReplicaState.READY).endpoint().orElseThrow();
    provider.close();
    assertThat(ModelServer.tell(endpoint, Mood.FINE)).isPositive();
  }
}
