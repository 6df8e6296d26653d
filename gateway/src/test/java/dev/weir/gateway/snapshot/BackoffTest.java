// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class BackoffTest {
  @Test
  void waits_double_up_to_the_bound_and_are_spread_over_the_upper_half() {
    var backoff = new Backoff(100, 5_000);
    var random = new SplittableRandom(7);
    for (int failures = 0; failures < 100; failures++) {
      long upper = failures < 6 ? 100L << failures : 5_000;
      long delay = backoff.delayMillis(failures, random);
      assertThat(delay).isBetween(upper / 2, upper);
    }
    assertThat(random.ints(50).map(_ -> (int) backoff.delayMillis(20, random)).distinct().count())
        .isGreaterThan(40);
  }

  @Test
  void invalid_bounds_are_refused() {
    assertThatThrownBy(() -> new Backoff(0, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Backoff(2, 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
