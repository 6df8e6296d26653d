// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.Control;
import dev.weir.control.ControlOptions;
import dev.weir.control.FakeProvider;
import dev.weir.control.alert.Notifier;
import dev.weir.control.audit.AuditWitnesses;
import dev.weir.control.audit.WitnessMemory;
import dev.weir.control.change.Change;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.change.StoreChangeExecutor;
import dev.weir.control.channel.DeliveryResult;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.external.MetricProvider;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.runtime.NameResolver;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ProviderFactory;
import dev.weir.runtime.ReplicaIntent;
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
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One control plane with its own threads and 240 releases at a time, 40 of them on a Target whose
/// provider hangs in every call, while whoever is told of it hangs too.
class ManyRolloutsTest {
  private static final Actor ADA = new Actor("ada", "127.0.0.1", "r1");
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final int WELL = 200;
  private static final int STUCK = 40;
  private static final VersionRef ONE = new VersionRef("chat", "1");
  private static final VersionRef TWO = new VersionRef("chat", "2");

  @TempDir Path folder;

  private final FakeProvider replicas = new FakeProvider(new ManualClock(), name -> {});
  private final CountDownLatch hanging = new CountDownLatch(1);

  @Test
  void who_hangs_slows_nobody_else() throws InterruptedException {
    try (Store store = SqliteStore.open(folder, InstantSource.system());
        Control control = start(store)) {
      apply(store, Resources.model("chat"));
      apply(store, Resources.target("local"));
      apply(store, Resources.target("stuck"));
      apply(store, Resources.version("chat", "1"));
      apply(store, Resources.version("chat", "2"));
      apply(store, Resources.alertChannel("hooks", "http://127.0.0.1:9/hooks"));
      for (int i = 0; i < WELL; i++) {
        apply(store, service("well-" + i, "local", ONE));
      }
      until(store, () -> stable(store) == WELL);
      for (int i = 0; i < STUCK; i++) {
        apply(store, service("stuck-" + i, "stuck", ONE));
      }
      for (int i = 0; i < WELL; i++) {
        apply(store, service("well-" + i, "local", TWO));
      }
      until(store, () -> completed(store) == WELL);

      assertThat(stable(store)).isEqualTo(WELL);
      assertThat(control.published().snapshot().services())
          .filteredOn(entry -> entry.name().startsWith("well-"))
          .allSatisfy(entry -> assertThat(entry.stable().version()).isEqualTo("chat@2"));
      hanging.countDown();
    }
  }

  private Control start(Store store) {
    return Control.start(
        store,
        new AuditWitnesses(store, WitnessMemory.NONE, InstantSource.system(), System::nanoTime),
        new StoreChangeExecutor(store),
        Map.of(ProviderType.PROCESS, new Hanging()),
        NameResolver.SYSTEM,
        new Notifier(Notifier.NONE.formatter(), message -> hang(), () -> ""),
        MetricProvider.NONE,
        ControlOptions.defaults(),
        InstantSource.system(),
        System::nanoTime,
        new Random(3),
        CrashPoints.NONE);
  }

  private DeliveryResult hang() {
    stuck();
    return new DeliveryResult.Rejected("it was stuck");
  }

  private void stuck() {
    try {
      hanging.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Service service(String name, String target, VersionRef version) {
    return new Service(
        Resources.named(name),
        new ServiceSpec(
            version,
            List.of(new Placement(target, 1, Map.of())),
            TestReleases.recreate().apply(Resources.release()),
            Resources.traffic()),
        ServiceStatus.empty());
  }

  private static void apply(Store store, Resource resource) {
    assertThat(
            new StoreChangeExecutor(store)
                .execute(new Change.Apply(resource, OptionalLong.empty()), ADA, "test"))
        .isInstanceOf(Commit.Done.class);
  }

  private void until(Store store, BooleanSupplier holds) throws InterruptedException {
    Instant deadline = Instant.now().plus(LONG);
    while (!holds.getAsBoolean() && Instant.now().isBefore(deadline)) {
      replicas.tick();
      long _ = store.awaitRevisionAfter(store.revision(), Duration.ofMillis(50));
    }
    assertThat(holds.getAsBoolean()).isTrue();
  }

  private static long stable(Store store) {
    return store.list(Kind.SERVICE, "").stream()
        .map(Service.class::cast)
        .filter(service -> service.status().stable().isPresent())
        .count();
  }

  private static long completed(Store store) {
    return store.list(Kind.ROLLOUT, "").stream()
        .map(Rollout.class::cast)
        .filter(rollout -> rollout.status().phase() == RolloutPhase.COMPLETED)
        .count();
  }

  /// Target `stuck` answers nothing; any other is like [FakeProvider].
  private final class Hanging implements ProviderFactory {
    @Override
    public Provider open(Target target) {
      return target.metadata().name().equals("stuck") ? new Stuck() : replicas.open(target);
    }
  }

  private final class Stuck implements Provider {
    @Override
    public void ensure(ReplicaIntent intent) {
      stuck();
    }

    @Override
    public void stop(ReplicaName name, Duration grace) {
      stuck();
    }

    @Override
    public void restart(ReplicaName name, String launch) {
      stuck();
    }

    @Override
    public List<ObservedReplica> observe() {
      return List.of();
    }

    @Override
    public void onChange(Runnable listener) {}

    @Override
    public void close() {}
  }
}
