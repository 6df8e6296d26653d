// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long TICK = TimeUnit.MILLISECONDS.toNanos(10);

  private final SplittableRandom random = new SplittableRandom(7);

  /// From a moment on, so many ticks long.
  private int asked(Pace pace, long fromNanos, int ticks, double perSecond) {
    int asked = 0;
    for (int i = 1; i <= ticks; i++) {
      while (pace.due(fromNanos + i * TICK, perSecond, random)) {
        asked++;
      }
    }
    return asked;
  }

  @Test
  void over_time_as_many_are_due_as_the_rate_says() {
    Pace pace = new Pace(0, 10, random);
    // 1000 s at 10 a second: a standard deviation is 100.
    assertThat(asked(pace, 0, 100_000, 10)).isBetween(9_600, 10_400);
  }

  @Test
  void a_thread_that_was_away_makes_up_for_a_second_and_no_more() {
    Pace pace = new Pace(0, 10, random);
    long away = TimeUnit.HOURS.toNanos(1);
    assertThat(asked(pace, away, 1, 10)).isBetween(1, 30);
  }

  @Test
  void a_higher_rate_counts_at_once_however_far_off_the_next_was() {
    Pace pace = new Pace(0, 1e-6, random);
    assertThat(asked(pace, 0, 100, 1e-6)).isZero();
    assertThat(asked(pace, 100 * TICK, 1_000, 20)).isBetween(140, 260);
  }
}
