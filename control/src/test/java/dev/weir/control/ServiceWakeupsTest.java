// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.observation.ObservedFleet;
import dev.weir.control.observation.ObservedFleet.ServiceName;
import dev.weir.control.observation.ResolvedNames;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.value.VersionRef;
import dev.weir.store.AuditDraft;
import dev.weir.store.Commit;
import dev.weir.store.Store;
import dev.weir.store.Write;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceWakeupsTest {
  private static final VersionRef ONE = new VersionRef("chat", "1");
  private static final Duration TICK = Duration.ofMillis(500);

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock();
  private final ServiceWakeups wakeups = new ServiceWakeups(clock);
  private Store store;

  @BeforeEach
  void open() {
    store = SqliteStore.open(folder, clock);
    for (int i = 0; i < 100; i++) {
      put(Resources.service("s" + i, ONE));
    }
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void every_service_is_due_until_it_is_settled() {
    assertThat(tick()).hasSize(100);
    assertThat(tick()).hasSize(100);
    settleAll();
    assertThat(tick().size()).isLessThan(20);
  }

  @Test
  void a_service_that_changes_is_due_and_settled_ones_are_not() {
    settleAll();
    put(Resources.service("s7", new VersionRef("chat", "2")));
    assertThat(tick()).contains(name("s7")).hasSizeLessThan(20);
  }

  @Test
  void a_change_of_what_all_services_share_wakes_all() {
    settleAll();
    put(Resources.target("elsewhere"));
    assertThat(tick()).hasSize(100);
  }

  @Test
  void a_pass_that_began_before_such_a_change_settles_nothing() {
    settleAll();
    long before = wakeups.sharedChanges();
    put(Resources.target("elsewhere"));
    assertThat(tick()).hasSize(100);
    settleAll(before);
    assertThat(tick()).hasSize(100);
  }

  @Test
  void each_settled_service_is_due_once_in_a_sweep() {
    settleAll();
    Map<ServiceName, Integer> times = new HashMap<>();
    for (long i = 0; i < 3 * ServiceWakeups.SWEEP.dividedBy(TICK); i++) {
      tick().forEach(name -> times.merge(name, 1, Integer::sum));
    }
    assertThat(times).hasSize(100).allSatisfy((_, count) -> assertThat(count).isEqualTo(3));
  }

  @Test
  void after_a_pause_longer_than_a_sweep_all_are_due() {
    settleAll();
    clock.advance(ServiceWakeups.SWEEP.multipliedBy(2));
    assertThat(tick()).hasSize(100);
  }

  private List<ServiceName> tick() {
    clock.advance(TICK);
    return wakeups.due(resourceSnapshot(), ObservedFleet.EMPTY);
  }

  private ResourceSnapshot resourceSnapshot() {
    return ResourceSnapshot.read(store, ResolvedNames.NONE);
  }

  private void settleAll() {
    List<ServiceName> _ = tick();
    settleAll(wakeups.sharedChanges());
  }

  private void settleAll(long before) {
    resourceSnapshot()
        .services()
        .values()
        .forEach(service ->
            wakeups.settled(name(service.metadata().name()), before, service, List.of()));
  }

  private static ServiceName name(String service) {
    return new ServiceName(Resources.NAMESPACE, service);
  }

  private void put(Resource resource) {
    assertThat(
            store.commit(
                List.of(new Write.Put(resource, OptionalLong.empty())),
                new AuditDraft("ada", "", "", "test", "", "allowed", "")))
        .isInstanceOf(Commit.Done.class);
  }
}
