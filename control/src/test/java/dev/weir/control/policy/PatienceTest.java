// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.policy;

import static dev.weir.control.policy.PolicyFixture.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Resources;
import dev.weir.model.spec.PolicySpec.Freeze;
import dev.weir.model.spec.PolicySpec.OnRunning;
import dev.weir.model.status.RolloutPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// When a release has waited for as long as it may: 24 h unless it says otherwise.
class PatienceTest {
  private static final Duration DAY = Duration.ofHours(24);

  private static PolicyFixture waiting() {
    return new PolicyFixture().releasing("app", RolloutPhase.PENDING, 0, "gpu-a");
  }

  private static PolicyFixture frozen(Duration from, Optional<Duration> until) {
    Freeze freeze =
        new Freeze(
            "launch",
            Optional.empty(),
            Optional.of(NOW.plus(from)),
            until.map(NOW::plus),
            OnRunning.CONTINUE);
    return waiting().put(Resources.policy("calm", List.of(freeze), 0, 0));
  }

  private static boolean ends(PolicyFixture board, Duration later) {
    Instant then = NOW.plus(later);
    return new GuardRails(board.resourceSnapshot(), then).waitExpired(board.rollout("app"));
  }

  @Test
  void it_ends_after_a_day() {
    assertThat(ends(waiting(), DAY.minusSeconds(1))).isFalse();
    assertThat(ends(waiting(), DAY)).isTrue();
  }

  @Test
  void a_freeze_is_waited_out_and_the_whole_time_is_left_after_it() {
    PolicyFixture board = frozen(Duration.ofHours(-1), Optional.of(Duration.ofDays(14)));
    assertThat(ends(board, Duration.ofDays(13))).isFalse();
    assertThat(ends(board, Duration.ofDays(14).plusHours(23))).isFalse();
    assertThat(ends(board, Duration.ofDays(15))).isTrue();
  }

  @Test
  void a_freeze_without_an_end_is_not() {
    PolicyFixture board = frozen(Duration.ofHours(-1), Optional.empty());
    assertThat(ends(board, DAY.minusSeconds(1))).isFalse();
    assertThat(ends(board, DAY)).isTrue();
  }
}
