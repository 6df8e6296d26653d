// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private static final Isolation POLICY = Isolation.DEFAULT;
  private static final AttemptOutcome FAILED =
      AttemptOutcome.of(new Failure(Failure.Kind.RESET, "closed"), Optional.empty());
  private static final AttemptOutcome NEUTRAL =
      AttemptOutcome.of(new Failure(Failure.Kind.REJECTED_BY_ENGINE, "400"), Optional.empty());

  private final ManualClock clock = new ManualClock();
  private final ReplicaHealth replica = new ReplicaHealth(clock.getAsLong());

  private boolean ended(AttemptOutcome attemptOutcome, boolean probe) {
    return ended(attemptOutcome, probe ? BreakerRole.PROBE : BreakerRole.ORDINARY);
  }

  private boolean ended(AttemptOutcome attemptOutcome, BreakerRole breakerRole) {
    return replica.ended(POLICY, attemptOutcome, breakerRole, clock.getAsLong());
  }

  private boolean ended(AttemptOutcome attemptOutcome) {
    return ended(attemptOutcome, false);
  }

  private static AttemptOutcome full(int retryAfterSeconds) {
    return AttemptOutcome.of(
        new Failure(Failure.Kind.BACKPRESSURE, "full"),
        Optional.of(Duration.ofSeconds(retryAfterSeconds)));
  }

  private boolean open() {
    return replica.now().isOpen();
  }

  private boolean takeProbe() {
    return replica.takeProbe(clock.getAsLong());
  }

  private void openIt() {
    for (int i = 0; i < POLICY.consecutiveFailures(); i++) {
      ended(FAILED);
    }
    assertThat(open()).isTrue();
  }

  /// @return whole seconds until the open breaker allows a probe
  private int secondsUntilProbe() {
    int seconds = 0;
    while (!takeProbe()) {
      clock.advance(Duration.ofSeconds(1));
      seconds++;
    }
    return seconds;
  }

  @Test
  void five_failures_in_a_row_open_it_and_only_the_fifth_reports_it() {
    for (int i = 0; i < 4; i++) {
      assertThat(ended(FAILED)).isFalse();
    }
    ended(AttemptOutcome.SUCCESS);
    for (int i = 0; i < 4; i++) {
      assertThat(ended(FAILED)).isFalse();
    }
    assertThat(ended(FAILED)).isTrue();
    assertThat(ended(FAILED)).isFalse();
  }

  @Test
  void a_client_error_counts_neither_as_a_failure_nor_as_a_success() {
    for (int i = 0; i < 4; i++) {
      ended(FAILED);
      ended(NEUTRAL);
    }
    assertThat(open()).isFalse();
    ended(FAILED);
    assertThat(open()).isTrue();
  }

  @Test
  void half_of_twenty_attempts_failing_open_it_though_no_five_are_in_a_row() {
    for (int i = 0; i < 9; i++) {
      ended(AttemptOutcome.SUCCESS);
      ended(FAILED);
    }
    ended(AttemptOutcome.SUCCESS);
    assertThat(open()).isFalse();
    ended(FAILED);
    assertThat(open()).isTrue();
  }

  @Test
  void old_failures_do_not_count_towards_the_half() {
    for (int i = 0; i < 9; i++) {
      ended(FAILED);
      ended(AttemptOutcome.SUCCESS);
    }
    clock.advance(Duration.ofSeconds(10));
    for (int i = 0; i < 4; i++) {
      ended(FAILED);
    }
    assertThat(open()).isFalse();
  }

  @Test
  void backpressure_never_opens_it_and_backs_off_for_the_requested_time_within_bounds() {
    for (int i = 0; i < 100; i++) {
      ended(full(3));
    }
    assertThat(open()).isFalse();
    assertThat(replica.now().backsOff(clock.getAsLong())).isTrue();
    clock.advance(Duration.ofSeconds(3));
    assertThat(replica.now().backsOff(clock.getAsLong())).isFalse();
    ended(full(3_600));
    clock.advance(Duration.ofSeconds(29));
    assertThat(replica.now().backsOff(clock.getAsLong())).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(replica.now().backsOff(clock.getAsLong())).isFalse();
  }

  @Test
  void after_the_ejection_time_one_request_is_the_probe_and_its_success_closes_it() {
    openIt();
    clock.advance(Duration.ofMillis(9_999));
    assertThat(takeProbe()).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(takeProbe()).isTrue();
    assertThat(takeProbe()).isFalse();
    ended(AttemptOutcome.SUCCESS, false);
    assertThat(open()).isTrue();
    ended(AttemptOutcome.SUCCESS, true);
    assertThat(open()).isFalse();
  }

  @Test
  void the_first_token_of_a_streamed_probe_closes_it_and_its_break_opens_it_again_for_longer() {
    openIt();
    assertThat(secondsUntilProbe()).isEqualTo(10);
    replica.firstToken(clock.getAsLong());
    assertThat(open()).isFalse();
    assertThat(replica.now().share(clock.getAsLong())).isEqualTo(0.1);
    assertThat(ended(FAILED, BreakerRole.RECOVERING)).isTrue();
    assertThat(secondsUntilProbe()).isEqualTo(20);
    replica.firstToken(clock.getAsLong());
    ended(AttemptOutcome.SUCCESS, BreakerRole.RECOVERING);
    assertThat(open()).isFalse();
  }

  @Test
  void a_probe_that_fails_after_another_closed_it_is_an_ordinary_failure() {
    openIt();
    assertThat(secondsUntilProbe()).isEqualTo(10);
    assertThat(secondsUntilProbe()).isEqualTo(10);
    ended(AttemptOutcome.SUCCESS, true);
    assertThat(ended(FAILED, true)).isFalse();
    assertThat(open()).isFalse();
  }

  @Test
  void a_probe_that_never_reports_back_blocks_for_only_ten_seconds() {
    openIt();
    clock.advance(Duration.ofSeconds(10));
    assertThat(takeProbe()).isTrue();
    clock.advance(Duration.ofMillis(9_999));
    assertThat(takeProbe()).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(takeProbe()).isTrue();
  }

  @Test
  void a_probe_without_a_result_makes_the_next_request_the_probe() {
    openIt();
    clock.advance(Duration.ofSeconds(10));
    assertThat(takeProbe()).isTrue();
    ended(NEUTRAL, true);
    assertThat(open()).isTrue();
    assertThat(takeProbe()).isTrue();
  }

  @Test
  void a_probe_that_meets_a_full_replica_is_followed_by_one_after_the_requested_time() {
    openIt();
    clock.advance(Duration.ofSeconds(10));
    assertThat(takeProbe()).isTrue();
    ended(full(4), true);
    assertThat(secondsUntilProbe()).isEqualTo(4);
  }

  @Test
  void each_ejection_lasts_longer_up_to_five_minutes() {
    openIt();
    assertThat(secondsUntilProbe()).isEqualTo(10);
    ended(FAILED, true);
    assertThat(secondsUntilProbe()).isEqualTo(20);
    ended(FAILED, true);
    assertThat(secondsUntilProbe()).isEqualTo(30);
    for (int i = 0; i < 40; i++) {
      ended(FAILED, true);
      secondsUntilProbe();
    }
    ended(FAILED, true);
    assertThat(secondsUntilProbe()).isEqualTo(300);
  }

  @Test
  void each_healthy_ejection_time_forgives_one_ejection() {
    openIt();
    for (int i = 0; i < 4; i++) {
      secondsUntilProbe();
      ended(FAILED, true);
    }
    assertThat(secondsUntilProbe()).isEqualTo(50);
    ended(AttemptOutcome.SUCCESS, true);
    clock.advance(Duration.ofSeconds(30));
    openIt();
    assertThat(secondsUntilProbe()).isEqualTo(30);
  }

  @Test
  void after_its_return_it_gets_its_full_share_only_after_ten_seconds() {
    assertThat(replica.now().share(clock.getAsLong())).isEqualTo(1);
    openIt();
    secondsUntilProbe();
    ended(AttemptOutcome.SUCCESS, true);
    assertThat(replica.now().share(clock.getAsLong())).isEqualTo(0.1);
    clock.advance(Duration.ofSeconds(5));
    assertThat(replica.now().share(clock.getAsLong())).isEqualTo(0.5);
    clock.advance(Duration.ofSeconds(60));
    assertThat(replica.now().share(clock.getAsLong())).isEqualTo(1);
  }

  @Test
  void counts_are_of_the_last_five_to_ten_seconds() {
    RecentOutcomes recentOutcomes = RecentOutcomes.none(0).plus(Outcome.BACKPRESSURE, 0);
    assertThat(recentOutcomes.recent(RecentOutcomes.WINDOW_NANOS).backpressure()).isEqualTo(1);
    assertThat(
            recentOutcomes
                .plus(Outcome.SUCCESS, RecentOutcomes.WINDOW_NANOS)
                .recent(RecentOutcomes.WINDOW_NANOS))
        .isEqualTo(new RecentOutcomes.Counts(1, 0, 1));
    assertThat(recentOutcomes.recent(2 * RecentOutcomes.WINDOW_NANOS).all()).isZero();
  }
}
