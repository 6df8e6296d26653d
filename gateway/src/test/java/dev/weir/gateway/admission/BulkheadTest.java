// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BulkheadTest {
  private final ManualClock clock = new ManualClock();
  private final Bulkhead bulkhead = new Bulkhead(clock);

  @Test
  void at_most_the_maximum_number_of_requests_is_in_flight() {
    assertThat(bulkhead.enter(2)).isTrue();
    assertThat(bulkhead.enter(2)).isTrue();
    assertThat(bulkhead.enter(2)).isFalse();
    bulkhead.leave();
    assertThat(bulkhead.enter(2)).isTrue();
    assertThat(bulkhead.enter(3)).isTrue();
  }

  @Test
  void a_refusal_contains_the_time_until_capacity_is_free() {
    for (int i = 0; i < 10; i++) {
      assertThat(bulkhead.enter(10)).isTrue();
    }
    for (int i = 0; i < 5; i++) {
      clock.advance(Duration.ofSeconds(1));
      bulkhead.leave();
      assertThat(bulkhead.enter(10)).isTrue();
    }
    for (int i = 0; i < 6; i++) {
      assertThat(bulkhead.enter(10)).isFalse();
    }
    assertThat(Duration.ofNanos(bulkhead.nanosUntilRoom())).isEqualTo(Duration.ofSeconds(6));
  }

  @Test
  void optional_work_leaves_half_of_the_capacity() {
    assertThat(bulkhead.enterIfSpare(4)).isTrue();
    assertThat(bulkhead.enterIfSpare(4)).isTrue();
    assertThat(bulkhead.enterIfSpare(4)).isFalse();
    assertThat(bulkhead.enter(4)).isTrue();
    assertThat(bulkhead.enter(4)).isTrue();
    assertThat(bulkhead.enter(4)).isFalse();
    assertThat(new Bulkhead(clock).enterIfSpare(1)).isFalse();
  }

  @Test
  void when_no_request_ends_the_estimate_is_the_time_already_waited() {
    assertThat(bulkhead.enter(1)).isTrue();
    clock.advance(Duration.ofMinutes(1));
    assertThat(bulkhead.enter(1)).isFalse();
    assertThat(Duration.ofNanos(bulkhead.nanosUntilRoom())).isEqualTo(Duration.ofMinutes(1));
  }
}
