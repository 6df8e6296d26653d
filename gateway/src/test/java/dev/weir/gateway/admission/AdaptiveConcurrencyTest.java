// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AdaptiveConcurrencyTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long DEADLINE = 10 * SECOND;

  private long now;
  private final AdaptiveConcurrency adaptiveConcurrency = new AdaptiveConcurrency(0);

  private void sample(int running, boolean waiting, double firstTokenSeconds) {
    now += SECOND / 20;
    adaptiveConcurrency.update(
        now, running, waiting, (long) (firstTokenSeconds * SECOND), DEADLINE);
  }

  private void samples(int seconds, int running, boolean waiting, double firstTokenSeconds) {
    for (int i = 0; i < 20 * seconds; i++) {
      sample(running, waiting, firstTokenSeconds);
    }
  }

  @Test
  void nothing_is_limited_while_first_tokens_arrive_in_time() {
    samples(60, 1_000, false, 4.9);
    assertThat(adaptiveConcurrency.limit()).isZero();
  }

  @Test
  void an_engine_that_is_slow_by_nature_is_not_limited() {
    samples(600, 3, false, 7);
    assertThat(adaptiveConcurrency.limit()).isZero();
  }

  @Test
  void first_tokens_at_half_the_deadline_lower_the_limit_and_again_only_after_an_effect() {
    samples(2, 100, false, .2);
    samples(1, 100, false, 5.1);
    assertThat(adaptiveConcurrency.limit()).isEqualTo(90);
    samples(4, 90, true, 5.1);
    assertThat(adaptiveConcurrency.limit()).isEqualTo(90);
    samples(3, 90, true, 5.1);
    assertThat(adaptiveConcurrency.limit()).isEqualTo(81);
  }

  @Test
  void later_first_tokens_lower_the_limit_more_and_never_by_more_than_half() {
    samples(2, 100, false, .2);
    samples(1, 100, false, 8);
    assertThat(adaptiveConcurrency.limit()).isEqualTo(62);
    samples(9, 62, true, 60);
    assertThat(adaptiveConcurrency.limit()).isEqualTo(62);
    samples(60, 62, true, 60);
    assertThat(adaptiveConcurrency.limit()).isEqualTo(31);
  }

  @Test
  void with_time_to_spare_the_limit_rises_while_requests_wait() {
    samples(2, 100, false, .2);
    samples(5, 100, false, 6);
    int cut = adaptiveConcurrency.limit();
    samples(5, cut, true, 3);
    assertThat(adaptiveConcurrency.limit()).isEqualTo(cut);
    samples(2, cut, true, 2);
    assertThat(adaptiveConcurrency.limit()).isGreaterThan(cut);
  }

  @Test
  void the_limit_ends_when_the_load_stays_below_it() {
    samples(2, 100, false, .2);
    samples(5, 100, false, 6);
    samples(29, 20, false, .2);
    assertThat(adaptiveConcurrency.limit()).isEqualTo(83);
    samples(2, 20, false, .2);
    assertThat(adaptiveConcurrency.limit()).isZero();
  }

  @Test
  void unknown_first_token_times_never_mean_full() {
    samples(60, 10_000, true, 0);
    assertThat(adaptiveConcurrency.limit()).isZero();
  }

  /// The engine produces 20 first tokens a second, however many requests wait in it, and gets three
  /// times as many requests. The limit settles where first tokens take at most half the deadline.
  @Test
  void against_an_engine_that_queues_first_tokens_settle_below_half_the_deadline() {
    Queue<Long> engine = new ArrayDeque<>();
    double seen = .05;
    for (int tick = 0; tick < 20 * 600; tick++) {
      sample(engine.size(), tick > 100, seen);
      int places =
          adaptiveConcurrency.limit() == 0 ? Integer.MAX_VALUE : adaptiveConcurrency.limit();
      for (int i = 0; i < 3 && engine.size() < places && tick > 20; i++) {
        engine.add(now);
      }
      Long first = engine.poll();
      if (first != null) {
        seen += (Math.max(.05, (double) (now - first) / SECOND) - seen) / 16;
      }
    }
    assertThat(seen).isBetween(1.0, 6.0);
    assertThat(engine).hasSizeGreaterThan(20);
  }
}
