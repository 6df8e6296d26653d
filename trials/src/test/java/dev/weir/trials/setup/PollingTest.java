// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PollingTest {
  private static final Polling PATIENT = new Polling(Duration.ofMinutes(1), Duration.ZERO);
  private static final Polling ONCE = new Polling(Duration.ZERO, Duration.ZERO);

  private final AtomicInteger reads = new AtomicInteger();

  @Test
  void it_reads_until_the_state_is_as_wanted() throws Exception {
    assertThat(PATIENT.read(reads::incrementAndGet, state -> state == 3)).isEqualTo(3);
    assertThat(reads).hasValue(3);
  }

  @Test
  void after_the_timeout_it_returns_the_last_state() throws Exception {
    assertThat(ONCE.read(reads::incrementAndGet, state -> state == 3)).isEqualTo(1);
    assertThat(ONCE.holds(() -> false)).isFalse();
  }

  @Test
  void a_required_condition_that_does_not_hold_is_named() throws Exception {
    PATIENT.require("three reads", () -> reads.incrementAndGet() == 3);
    assertThatThrownBy(() -> ONCE.require("four reads", () -> false))
        .isInstanceOf(IOException.class)
        .hasMessage("not within 0 s: four reads");
  }
}
