// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PoissonScheduleTest {
  private static final long TICK = TimeUnit.MILLISECONDS.toNanos(10);

  private final SplittableRandom random = new SplittableRandom(7);

  /// Counts the requests due from a moment on, over the given number of ticks.
  private int countDue(PoissonSchedule schedule, long fromNanos, int ticks, double perSecond) {
    int countDue = 0;
    for (int i = 1; i <= ticks; i++) {
      while (schedule.due(fromNanos + i * TICK, perSecond, random)) {
        countDue++;
      }
    }
    return countDue;
  }

  @Test
  void over_time_the_number_due_matches_the_rate() {
    PoissonSchedule schedule = new PoissonSchedule(0, 10, random);
    // 1000 s at 10 a second: the standard deviation is 100.
    assertThat(countDue(schedule, 0, 100_000, 10)).isBetween(9_600, 10_400);
  }

  @Test
  void a_paused_thread_catches_up_for_at_most_one_second() {
    PoissonSchedule schedule = new PoissonSchedule(0, 10, random);
    long oneHour = TimeUnit.HOURS.toNanos(1);
    assertThat(countDue(schedule, oneHour, 1, 10)).isBetween(1, 30);
  }

  @Test
  void a_higher_rate_takes_effect_at_once_however_late_the_next_was_due() {
    PoissonSchedule schedule = new PoissonSchedule(0, 1e-6, random);
    assertThat(countDue(schedule, 0, 100, 1e-6)).isZero();
    assertThat(countDue(schedule, 100 * TICK, 1_000, 20)).isBetween(140, 260);
  }
}
