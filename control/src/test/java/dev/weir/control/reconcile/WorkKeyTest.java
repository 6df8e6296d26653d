// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.reconcile.WorkKey.FleetWork;
import dev.weir.control.reconcile.WorkKey.ServiceWork;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WorkKeyTest {
  private final List<WorkKey> ran = new ArrayList<>();
  private final KeyedQueue<WorkKey> queue =
      new KeyedQueue<>(
          ran::add,
          4,
          100,
          new RetryBackoff(Duration.ofSeconds(1), Duration.ofSeconds(10)),
          new ManualClock(),
          new Random(1));

  @Test
  void two_wake_ups_of_one_service_are_one_run() {
    queue.wake(new ServiceWork("team", "chat"));
    queue.wake(new ServiceWork("team", "chat"));
    queue.runDue();
    assertThat(ran).containsExactly(new ServiceWork("team", "chat"));
  }

  @Test
  void a_service_with_the_name_of_fleet_work_is_a_key_of_its_own() {
    queue.wake(FleetWork.ALERTS);
    queue.wake(new ServiceWork("default", "alerts"));
    queue.wake(new ServiceWork("other", "alerts"));
    assertThat(queue.runDue()).isEqualTo(3);
  }

  @Test
  void the_text_of_a_key_names_its_work_in_logs() {
    assertThat(FleetWork.PUBLICATION).hasToString("publication");
    assertThat(new ServiceWork("team", "chat")).hasToString("service team/chat");
  }
}
