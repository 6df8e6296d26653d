// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.Failure;
import java.util.LongSummaryStatistics;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RetryPauseTest {
  private final SplittableRandom random = new SplittableRandom(7);

  /// Milliseconds of many pauses.
  private LongSummaryStatistics pauses(int retry) {
    return LongStream.range(0, 10_000)
        .map(_ -> RetryPause.nanos(retry, random) / 1_000_000)
        .summaryStatistics();
  }

  @Test
  void pauses_are_spread_over_a_bounded_interval_that_doubles() {
    int[] longest = {25, 50, 100, 200, 250, 250};
    for (int retry = 1; retry <= longest.length; retry++) {
      LongSummaryStatistics pauses = pauses(retry);
      assertThat(pauses.getMin()).isLessThan(5);
      assertThat(pauses.getMax())
          .isBetween(longest[retry - 1] * 9L / 10, (long) longest[retry - 1]);
      assertThat(pauses.getAverage()).isBetween(longest[retry - 1] * 0.4, longest[retry - 1] * 0.6);
    }
    assertThat(pauses(1_000).getMax()).isLessThanOrEqualTo(250);
  }

  @Test
  void the_first_failure_is_retried_at_once_and_a_second_or_a_full_replica_after_a_pause() {
    assertThat(longest(Failure.Kind.RESET, 1)).isZero();
    assertThat(longest(Failure.Kind.RESET, 2)).isGreaterThan(40_000_000);
    assertThat(longest(Failure.Kind.CONNECT_FAILED, 3)).isZero();
    assertThat(longest(Failure.Kind.BACKPRESSURE, 1)).isGreaterThan(20_000_000);
  }

  private long longest(Failure.Kind kind, int attempts) {
    return LongStream.range(0, 1_000)
        .map(_ -> RetryPause.after(kind, attempts, random))
        .max()
        .orElseThrow();
  }
}
