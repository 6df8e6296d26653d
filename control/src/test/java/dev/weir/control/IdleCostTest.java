// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Resources;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.ReplicaName;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a control plane does while nothing happens.
class IdleCostTest {
  private static final int SERVICES = 40;
  private static final int MINUTE = 120;

  @TempDir Path folder;

  @Test
  void services_that_serve_and_wait_for_nothing_are_reconciled_twice_a_minute() {
    try (ControlWorld world = settled()) {
      long before = world.control().reconciles();
      world.steps(MINUTE);
      long passes = world.control().reconciles() - before;
      assertThat(passes).isBetween(2L * SERVICES, 3L * SERVICES);
    }
  }

  @Test
  void an_idle_tick_asks_each_provider_once() {
    try (ControlWorld world = settled()) {
      world.passes = 1;
      long before = world.provider.observed();
      world.steps(MINUTE);
      assertThat(world.provider.observed() - before).isLessThanOrEqualTo(2L * MINUTE);
    }
  }

  @Test
  void a_replica_that_dies_wakes_its_own_service_and_no_other() {
    try (ControlWorld world = settled()) {
      world.provider.set(
          new ReplicaName(Resources.NAMESPACE, "s7", ControlWorld.ONE, 0), ReplicaState.UNREADY);
      long before = world.control().reconciles();
      world.step();
      assertThat(world.control().reconciles() - before).isBetween(1L, 8L);
      world.steps(MINUTE);
      assertThat(world.control().views().replicas()).hasSize(SERVICES);
    }
  }

  private ControlWorld settled() {
    ControlWorld world = new ControlWorld(folder);
    for (int i = 0; i < SERVICES; i++) {
      world.apply(Resources.service("s" + i, ControlWorld.ONE));
    }
    world.steps(MINUTE);
    assertThat(world.control().views().replicas()).hasSize(SERVICES);
    return world;
  }
}
