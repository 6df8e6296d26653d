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
  void so_many_requests_are_under_way_and_no_more() {
    assertThat(bulkhead.enter(2)).isTrue();
    assertThat(bulkhead.enter(2)).isTrue();
    assertThat(bulkhead.enter(2)).isFalse();
    bulkhead.leave();
    assertThat(bulkhead.enter(2)).isTrue();
    assertThat(bulkhead.enter(3)).isTrue();
  }

  @Test
  void who_is_refused_is_told_how_long_so_many_take_to_leave() {
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
  void what_may_be_left_undone_leaves_half_of_the_room() {
    assertThat(bulkhead.enterIfSpare(4)).isTrue();
    assertThat(bulkhead.enterIfSpare(4)).isTrue();
    assertThat(bulkhead.enterIfSpare(4)).isFalse();
    assertThat(bulkhead.enter(4)).isTrue();
    assertThat(bulkhead.enter(4)).isTrue();
    assertThat(bulkhead.enter(4)).isFalse();
    assertThat(new Bulkhead(clock).enterIfSpare(1)).isFalse();
  }

  @Test
  void when_nobody_leaves_it_is_guessed_to_take_as_long_again() {
    assertThat(bulkhead.enter(1)).isTrue();
    clock.advance(Duration.ofMinutes(1));
    assertThat(bulkhead.enter(1)).isFalse();
    assertThat(Duration.ofNanos(bulkhead.nanosUntilRoom())).isEqualTo(Duration.ofMinutes(1));
  }
}
