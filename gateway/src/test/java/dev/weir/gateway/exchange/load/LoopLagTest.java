// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LoopLagTest {
  private final ManualClock clock = new ManualClock();
  private final LoopLag lag = new LoopLag(clock);

  private void ticks(int count, long millisApart) {
    for (int i = 0; i < count; i++) {
      clock.advance(Duration.ofMillis(millisApart));
      lag.tick(0);
    }
  }

  @Test
  void one_late_tick_is_not_an_overload_however_late_it_is() {
    ticks(10, 50);
    ticks(1, 30_000);

    assertThat(lag.overloaded()).isFalse();
    assertThat(lag.late()).isTrue();
  }

  @Test
  void two_late_ticks_in_a_row_are_not_an_overload_however_late_they_are() {
    ticks(1, 1_200);
    ticks(1, 20_000);
    assertThat(lag.overloaded()).isFalse();
  }

  @Test
  void late_ticks_for_three_seconds_are_an_overload() {
    ticks(3, 1_200);
    assertThat(lag.overloaded()).isFalse();

    ticks(1, 1_200);

    assertThat(lag.overloaded()).isTrue();
  }

  @Test
  void ticks_that_are_late_by_less_than_the_target_are_not_an_overload() {
    ticks(100, 1_040);

    assertThat(lag.overloaded()).isFalse();
  }

  @Test
  void a_request_that_waits_counts_like_a_late_tick() {
    for (int i = 0; i < 65; i++) {
      clock.advance(Duration.ofMillis(50));
      lag.tick(Duration.ofMillis(1_100).toNanos());
    }

    assertThat(lag.overloaded()).isTrue();
  }

  @Test
  void an_overload_ends_after_half_a_second_and_returns_sooner_than_the_first_time() {
    ticks(5, 1_200);
    ticks(10, 50);
    assertThat(lag.overloaded()).isTrue();
    ticks(1, 50);
    assertThat(lag.overloaded()).isFalse();

    ticks(2, 1_200);

    assertThat(lag.overloaded()).isTrue();
    assertThat(lag.recentlyOverloaded()).isTrue();
  }

  @Test
  void bytes_read_by_a_late_loop_arrived_after_the_tick_before_the_last() {
    ticks(1, 50);
    long before = clock.getAsLong();
    ticks(1, 2_000);
    clock.advance(Duration.ofMillis(10));

    assertThat(lag.arrivedNanos(0)).isEqualTo(before);
    assertThat(lag.arrivedNanos(before + 7)).isEqualTo(before + 7);
  }

  @Test
  void bytes_read_by_a_loop_that_is_not_late_arrived_now() {
    ticks(5, 50);
    clock.advance(Duration.ofMillis(20));

    assertThat(lag.arrivedNanos(0)).isEqualTo(clock.getAsLong());
  }

  @Test
  void the_retry_time_follows_from_the_admitted_and_refused_requests() {
    for (int i = 0; i < 10; i++) {
      lag.admitted();
    }
    clock.advance(Duration.ofSeconds(2));
    for (int i = 0; i < 49; i++) {
      lag.refused();
    }

    assertThat(lag.refused()).isEqualTo(Duration.ofSeconds(10).toNanos());
    assertThat(lag.shed()).isEqualTo(50);
  }
}
