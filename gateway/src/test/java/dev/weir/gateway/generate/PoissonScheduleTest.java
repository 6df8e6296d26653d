// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PoissonScheduleTest {
  private static final long TICK = TimeUnit.MILLISECONDS.toNanos(10);

  private final SplittableRandom random = new SplittableRandom(7);

  /// From a moment on, so many ticks long.
  private int asked(PoissonSchedule schedule, long fromNanos, int ticks, double perSecond) {
    int asked = 0;
    for (int i = 1; i <= ticks; i++) {
      while (schedule.due(fromNanos + i * TICK, perSecond, random)) {
        asked++;
      }
    }
    return asked;
  }

  @Test
  void over_time_as_many_are_due_as_the_rate_says() {
    PoissonSchedule schedule = new PoissonSchedule(0, 10, random);
    // 1000 s at 10 a second: a standard deviation is 100.
    assertThat(asked(schedule, 0, 100_000, 10)).isBetween(9_600, 10_400);
  }

  @Test
  void a_thread_that_was_away_makes_up_for_a_second_and_no_more() {
    PoissonSchedule schedule = new PoissonSchedule(0, 10, random);
    long away = TimeUnit.HOURS.toNanos(1);
    assertThat(asked(schedule, away, 1, 10)).isBetween(1, 30);
  }

  @Test
  void a_higher_rate_counts_at_once_however_far_off_the_next_was() {
    PoissonSchedule schedule = new PoissonSchedule(0, 1e-6, random);
    assertThat(asked(schedule, 0, 100, 1e-6)).isZero();
    assertThat(asked(schedule, 100 * TICK, 1_000, 20)).isBetween(140, 260);
  }
}
