// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
  private long now = 5;
  private final Pace pace = new Pace(() -> now, 50, Duration.ofNanos(10_000));

  @Test
  void a_task_that_takes_no_time_is_always_due() {
    assertThat(pace.due()).isTrue();
    pace.run(() -> {});
    assertThat(pace.due()).isTrue();
  }

  @Test
  void the_pause_is_a_multiple_of_the_duration() {
    pace.run(() -> now += 10);
    now += 499;
    assertThat(pace.due()).isFalse();
    now += 1;
    assertThat(pace.due()).isTrue();
  }

  @Test
  void the_pause_has_a_limit_and_follows_a_failure_too() {
    assertThatThrownBy(() ->
            pace.run(() -> {
              now += 5_000;
              throw new IllegalStateException("no");
            }))
        .hasMessage("no");
    assertThat(pace.due()).isFalse();
    now += 10_000;
    assertThat(pace.due()).isTrue();
  }
}
