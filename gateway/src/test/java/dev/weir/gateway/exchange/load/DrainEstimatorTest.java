// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DrainEstimatorTest {
  private final ManualClock clock = new ManualClock();
  private final DrainEstimator drainEstimator = new DrainEstimator(clock);
  private final RecentCount count = new RecentCount(clock);

  private Duration untilCapacity() {
    return Duration.ofNanos(drainEstimator.nanosUntilRoom());
  }

  private void pass(long seconds) {
    clock.advance(Duration.ofSeconds(seconds));
  }

  @Test
  void a_refused_request_waits_for_all_requests_refused_before_it() {
    for (int i = 0; i < 4; i++) {
      pass(1);
      drainEstimator.left(2);
    }
    drainEstimator.refused(1);
    assertThat(untilCapacity()).isEqualTo(Duration.ofMillis(500));
    drainEstimator.refused(5);
    assertThat(untilCapacity()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void while_nothing_completes_the_estimate_is_the_time_already_waited() {
    pass(3);
    assertThat(untilCapacity()).isEqualTo(Duration.ofSeconds(3));
    drainEstimator.left(1);
    pass(12);
    assertThat(untilCapacity()).isEqualTo(Duration.ofSeconds(12));
  }

  @Test
  void counts_are_those_of_the_last_five_to_ten_seconds() {
    count.add(3);
    pass(4);
    assertThat(count.sum()).isEqualTo(3);
    pass(2);
    count.add(1);
    pass(4);
    assertThat(count.sum()).isEqualTo(4);
    assertThat(Duration.ofNanos(count.nanos())).isEqualTo(Duration.ofSeconds(9));
    pass(1);
    assertThat(count.sum()).isEqualTo(1);
    pass(10);
    assertThat(count.sum()).isZero();
  }
}
