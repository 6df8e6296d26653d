// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.runtime.TestModelServer.Mood;
import dev.weir.runtime.lifecycle.LifecycleTiming;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The guarantees of every [Provider], also of a fake one. The test of an implementation extends
/// this and defines how to open a provider, which side owns the replicas, and how replicas change.
/// For providers with real model servers see [ModelServerContract].
public abstract class ProviderContract {
  /// The owner of the processes. The contract covers both cases where they differ.
  protected enum Owner {
    /// The provider starts, ends and adopts them.
    PROVIDER,
    /// An external system runs them. The provider observes an endpoint while an intent exists, and
    /// its caller repeats the intents after each open.
    EXTERNAL
  }

  /// Short intervals for fast tests.
  public static final LifecycleTiming QUICK =
      new LifecycleTiming(
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

  private static final ReplicaName SECOND =
      new ReplicaName("default", "chat", new VersionRef("chat", "2"), 1);

  private static final Duration GRACE = Duration.ofSeconds(20);

  protected Provider provider;
  protected Watcher watcher;

  protected abstract Provider open() throws Exception;

  protected abstract Owner owner();

  /// An intent for a replica with this initial mood.
  protected abstract ReplicaIntent intent(ReplicaName name, Mood mood, int warmUpRequests)
      throws Exception;

  /// Kills the replica's process and returns when it has ended.
  protected abstract void crash(ObservedReplica replica) throws Exception;

  /// Changes how the replica behaves.
  protected abstract void change(ObservedReplica replica, Mood mood) throws Exception;

  /// Whether the replica still runs, even if the provider no longer reports it.
  protected abstract boolean runs(ObservedReplica replica) throws Exception;

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

  /// A listener may wait for a thread that calls `observe`. A notification under a lock would
  /// deadlock both.
  @Test
  void other_threads_can_observe_while_a_listener_is_notified() throws Exception {
    CompletableFuture<List<ObservedReplica>> observed = new CompletableFuture<>();
    provider.onChange(() -> {
      try {
        observed.complete(
            CompletableFuture.supplyAsync(provider::observe).orTimeout(10, SECONDS).join());
      } catch (CompletionException e) {
        observed.completeExceptionally(e);
      }
    });
    provider.ensure(intent(NAME, Mood.FINE, 0));
    assertThat(observed.get(20, SECONDS)).extracting(ObservedReplica::name).containsExactly(NAME);
  }

  @Test
  void a_replica_that_no_longer_generates_is_unready_until_it_does() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 0));
    ObservedReplica ready = watcher.await(NAME, ReplicaState.READY);
    change(ready, Mood.BROKEN);
    assertThat(watcher.await(NAME, ReplicaState.UNREADY).reason()).contains("CUDA out of memory");
    change(ready, Mood.FINE);
    watcher.await(NAME, ReplicaState.READY);
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
        intent.warmUpRequests(),
        intent.accelerator(),
        intent.source());
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
  void a_replica_can_be_ensured_again_after_it_was_stopped() throws Exception {
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
    provider.ensure(intent(SECOND, Mood.LOADING, 0));
    provider.ensure(intent(NAME, Mood.LOADING, 0));
    assertThat(provider.observe()).extracting(ObservedReplica::name).containsExactly(NAME, SECOND);
  }

  @Test
  void closing_leaves_the_replicas_running() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 0));
    ObservedReplica ready = watcher.await(NAME, ReplicaState.READY);
    provider.close();
    assertThat(runs(ready)).isTrue();
  }

  private ObservedReplica ready(ReplicaName name) throws Exception {
    provider.ensure(intent(name, Mood.FINE, 0));
    return watcher.await(name, ReplicaState.READY);
  }

  private void reopen() throws Exception {
    provider.close();
    openProvider();
  }

  /// The values that do not change while the replica is the same process.
  private record Same(
      ReplicaName name,
      String specHash,
      Optional<URI> endpoint,
      Optional<Long> pid,
      int restarts,
      String launch) {
    static Same of(ObservedReplica replica) {
      return new Same(
          replica.name(),
          replica.specHash(),
          replica.endpoint(),
          replica.pid(),
          replica.restarts(),
          replica.launch());
    }
  }

  /// A stop ends only replicas that the provider owns.
  private void assertEnded(ObservedReplica replica) throws Exception {
    assertThat(runs(replica))
        .isEqualTo(
            switch (owner()) {
              case PROVIDER -> false;
              case EXTERNAL -> true;
            });
  }

  @Test
  void a_replica_ensured_by_many_threads_at_once_is_started_once() throws Exception {
    ReplicaIntent intent = intent(NAME, Mood.FINE, 0);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Boolean> ensure =
          () -> {
            provider.ensure(intent);
            return true;
          };
      for (Future<Boolean> each : threads.invokeAll(Collections.nCopies(50, ensure))) {
        assertThat(each.get()).isTrue();
      }
    }
    ObservedReplica ready = watcher.await(NAME, ReplicaState.READY);
    assertThat(ready.restarts()).isZero();
    assertThat(provider.observe()).extracting(Same::of).containsExactly(Same.of(ready));
    assertThat(watcher.seen().stream().map(ObservedReplica::launch).filter(l -> !l.isEmpty()))
        .containsOnly(
            switch (owner()) {
              case PROVIDER -> new String[] {ready.launch()};
              case EXTERNAL -> new String[0];
            });
  }

  @Test
  void a_reopened_provider_has_the_same_replica_and_starts_no_other() throws Exception {
    ReplicaIntent intent = intent(NAME, Mood.FINE, 0);
    provider.ensure(intent);
    ObservedReplica before = watcher.await(NAME, ReplicaState.READY);
    reopen();
    List<ObservedReplica> known = provider.observe();
    switch (owner()) {
      case PROVIDER ->
          assertThat(known).extracting(ObservedReplica::state).containsExactly(ReplicaState.READY);
      case EXTERNAL -> assertThat(known).isEmpty();
    }
    provider.ensure(intent);
    ObservedReplica after = watcher.await(NAME, ReplicaState.READY);
    assertThat(Same.of(after)).isEqualTo(Same.of(before));
    assertThat(provider.observe()).hasSize(1);
    assertEndIsReported(after);
  }

  @Test
  void the_end_of_a_replica_is_reported_with_a_reason() throws Exception {
    assertEndIsReported(ready(NAME));
  }

  private void assertEndIsReported(ObservedReplica ready) throws Exception {
    crash(ready);
    switch (owner()) {
      case PROVIDER -> {
        ObservedReplica next =
            watcher.await(NAME, r -> r.restarts() == 1 && r.state() == ReplicaState.READY);
        assertThat(next.launch()).isNotEqualTo(ready.launch());
        assertThat(next.pid()).isNotEqualTo(ready.pid());
        assertThat(watcher.seen())
            .anyMatch(r -> r.state() == ReplicaState.BACK_OFF && !r.reason().isBlank());
      }
      case EXTERNAL -> {
        ObservedReplica unreachable = watcher.await(NAME, ReplicaState.UNREADY);
        assertThat(unreachable.reason()).isNotBlank();
        assertThat(Same.of(unreachable)).isEqualTo(Same.of(ready));
      }
    }
  }

  @Test
  void a_replica_that_ended_while_the_provider_was_closed_is_reported_when_it_reopens()
      throws Exception {
    ReplicaIntent intent = intent(NAME, Mood.FINE, 0);
    provider.ensure(intent);
    ObservedReplica before = watcher.await(NAME, ReplicaState.READY);
    provider.close();
    crash(before);
    reopen();
    provider.ensure(intent);
    switch (owner()) {
      case PROVIDER -> {
        ObservedReplica next = watcher.await(NAME, ReplicaState.READY);
        assertThat(next.restarts()).isEqualTo(1);
        assertThat(next.launch()).isNotEqualTo(before.launch());
      }
      case EXTERNAL ->
          assertThat(watcher.await(NAME, r -> r.reason().contains("connection refused")).state())
              .isEqualTo(ReplicaState.STARTING);
    }
  }

  @Test
  void a_replica_can_be_stopped_while_it_starts() throws Exception {
    provider.ensure(intent(NAME, Mood.LOADING, 0));
    ObservedReplica starting = watcher.await(NAME, r -> r.reason().contains("Loading model, 40%"));
    provider.stop(NAME, GRACE);
    watcher.await(NAME, ReplicaState.STOPPED);
    assertThat(provider.observe()).isEmpty();
    assertEnded(starting);
  }

  @Test
  void a_replica_can_be_stopped_before_it_is_observed() throws Exception {
    provider.ensure(intent(NAME, Mood.FINE, 0));
    provider.stop(NAME, GRACE);
    watcher.await(NAME, ReplicaState.STOPPED);
    reopen();
    assertThat(provider.observe()).isEmpty();
  }

  @Test
  void a_stopped_replica_is_never_reported_again() throws Exception {
    ObservedReplica first = ready(NAME);
    ReplicaIntent second = intent(SECOND, Mood.FINE, 0);
    provider.ensure(second);
    ObservedReplica other = watcher.await(SECOND, ReplicaState.READY);
    provider.stop(NAME, GRACE);
    watcher.await(NAME, ReplicaState.STOPPED);
    assertEnded(first);
    int before = watcher.seen().size();
    change(other, Mood.BROKEN);
    watcher.await(SECOND, ReplicaState.UNREADY);
    provider.restart(NAME, first.launch());
    provider.stop(NAME, GRACE);
    change(other, Mood.FINE);
    watcher.await(SECOND, ReplicaState.READY);
    assertThat(watcher.seen().subList(before, watcher.seen().size()))
        .extracting(ObservedReplica::name)
        .containsOnly(SECOND);
    reopen();
    provider.ensure(second);
    watcher.await(SECOND, ReplicaState.READY);
    assertThat(watcher.seen()).extracting(ObservedReplica::name).containsOnly(SECOND);
  }

  @Test
  void an_outage_of_one_replica_changes_no_other() throws Exception {
    ObservedReplica failing = ready(NAME);
    ObservedReplica healthy = ready(SECOND);
    change(failing, Mood.BROKEN);
    watcher.await(NAME, ReplicaState.UNREADY);
    crash(failing);
    watcher.await(NAME, r -> r.restarts() == 1 || r.reason().contains("connection refused"));
    provider.stop(NAME, GRACE);
    watcher.await(NAME, ReplicaState.STOPPED);
    assertThat(watcher.seen())
        .filteredOn(r -> r.name().equals(SECOND) && !r.since().isBefore(healthy.since()))
        .allSatisfy(r -> {
          assertThat(r.state()).isEqualTo(ReplicaState.READY);
          assertThat(Same.of(r)).isEqualTo(Same.of(healthy));
        });
  }

  @Test
  void a_restart_requested_twice_happens_once_and_is_not_a_crash() throws Exception {
    ObservedReplica before = ready(NAME);
    provider.restart(NAME, before.launch());
    provider.restart(NAME, before.launch());
    ObservedReplica after =
        switch (owner()) {
          case PROVIDER ->
              watcher.await(
                  NAME,
                  r -> r.state() == ReplicaState.READY && !r.launch().equals(before.launch()));
          case EXTERNAL -> watcher.await(NAME, ReplicaState.READY);
        };
    assertThat(after.restarts()).isZero();
    provider.restart(NAME, before.launch());
    change(after, Mood.BROKEN);
    watcher.await(NAME, r -> r.reason().contains("CUDA out of memory"));
    change(after, Mood.FINE);
    assertThat(Same.of(watcher.await(NAME, ReplicaState.READY))).isEqualTo(Same.of(after));
  }
}
