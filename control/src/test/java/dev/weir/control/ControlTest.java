// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.alert.Notifier;
import dev.weir.control.audit.AuditWitnesses;
import dev.weir.control.audit.WitnessMemory;
import dev.weir.control.change.Change;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.StoreChangeExecutor;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.external.MetricProvider;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.ReplicaView;
import dev.weir.runtime.NameResolver;
import dev.weir.store.Commit;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The same with its own threads.
class ControlTest {
  private static final Actor ADA = new Actor("ada", "127.0.0.1", "r1");
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path folder;

  @Test
  void a_service_that_is_applied_comes_to_serve_by_itself() throws InterruptedException {
    FakeProvider provider = new FakeProvider(new ManualClock(), name -> {});
    try (Store store = SqliteStore.open(folder, InstantSource.system());
        Control control =
            Control.start(
                store,
                new AuditWitnesses(
                    store, WitnessMemory.NONE, InstantSource.system(), System::nanoTime),
                new StoreChangeExecutor(store),
                Map.of(ProviderType.PROCESS, provider),
                NameResolver.SYSTEM,
                Notifier.NONE,
                MetricProvider.NONE,
                ControlOptions.defaults(),
                InstantSource.system(),
                System::nanoTime,
                new Random(3),
                CrashPoints.NONE)) {
      for (Resource resource :
          List.of(
              Resources.model("chat"),
              Resources.target("local"),
              Resources.version("chat", "1"),
              Resources.service("chat", new VersionRef("chat", "1")))) {
        assertThat(
                new StoreChangeExecutor(store)
                    .execute(new Change.Apply(resource, OptionalLong.empty()), ADA, "test"))
            .isInstanceOf(Commit.Done.class);
      }
      Instant deadline = Instant.now().plus(LONG);
      while (!serves(store, control) && Instant.now().isBefore(deadline)) {
        provider.tick();
        long _ = store.awaitRevisionAfter(store.revision(), Duration.ofMillis(50));
      }
      assertThat(serves(store, control)).isTrue();
      assertThat(control.views().replicas())
          .singleElement()
          .extracting(ReplicaView::name, ReplicaView::state)
          .containsExactly("chat-1-0", ReplicaState.READY);
      assertThat(control.views().gateways()).isEmpty();
    }
  }

  private static boolean serves(Store store, Control control) {
    Service service =
        (Service)
            store.get(ResourceRef.of(Kind.SERVICE, Resources.NAMESPACE, "chat")).orElseThrow();
    return service.status().stable().isPresent()
        && control.published().snapshot().services().stream()
            .anyMatch(s -> !s.stable().replicas().isEmpty());
  }
}
