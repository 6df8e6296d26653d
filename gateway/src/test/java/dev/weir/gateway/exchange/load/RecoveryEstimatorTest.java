// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RecoveryEstimatorTest {
  private final ManualClock clock = new ManualClock();
  private final RecoveryEstimator recoveryEstimator = new RecoveryEstimator(clock);

  private void absentFor(int seconds) {
    recoveryEstimator.observe("chat", false);
    clock.advance(Duration.ofSeconds(seconds));
    recoveryEstimator.observe("chat", true);
  }

  private long secondsLeft() {
    return Duration.ofNanos(recoveryEstimator.nanosLeft("chat")).toSeconds();
  }

  @Test
  void a_first_absence_is_expected_to_last_as_long_again() {
    assertThat(secondsLeft()).isZero();
    clock.advance(Duration.ofSeconds(7));
    assertThat(secondsLeft()).isEqualTo(7);
    clock.advance(Duration.ofSeconds(7));
    assertThat(secondsLeft()).isEqualTo(14);
  }

  @Test
  void a_repeated_absence_is_expected_to_last_the_average_time() {
    absentFor(40);
    assertThat(secondsLeft()).isEqualTo(40);
    clock.advance(Duration.ofSeconds(30));
    assertThat(secondsLeft()).isEqualTo(10);
    recoveryEstimator.observe("chat", true);
    assertThat(secondsLeft()).as("40 + (30 - 40) / 4").isEqualTo(37);
  }

  @Test
  void an_absence_longer_than_any_before_is_expected_to_last_as_long_again() {
    absentFor(10);
    recoveryEstimator.observe("chat", false);
    clock.advance(Duration.ofSeconds(25));
    assertThat(secondsLeft()).isEqualTo(25);
  }

  @Test
  void unneeded_entries_are_forgotten_and_missing_ones_only_after_a_while() {
    absentFor(10);
    recoveryEstimator.sweep(_ -> false);
    assertThat(secondsLeft()).isZero();
    clock.advance(Duration.ofMinutes(9));
    recoveryEstimator.sweep(_ -> false);
    assertThat(secondsLeft()).isEqualTo(540);
    clock.advance(Duration.ofMinutes(1));
    recoveryEstimator.sweep(_ -> false);
    assertThat(secondsLeft()).isZero();
  }
}
