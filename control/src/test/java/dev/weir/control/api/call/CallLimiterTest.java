// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.api.ControlApi;
import dev.weir.control.api.ProblemErrorHandler;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CallLimiterTest {
  private final ManualClock clock = new ManualClock();

  private static void refused(CallLimiter callLimiter, int retrySeconds) {
    assertThatThrownBy(callLimiter::take)
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.OVERLOADED);
              assertThat(e.headers()).containsEntry("Retry-After", Integer.toString(retrySeconds));
            });
  }

  @Test
  void one_more_than_there_are_seats_is_refused_until_one_is_given_back() {
    var callLimiter = new CallLimiter("watches", 1, clock);
    CallLimiter.CallSlot callSlot = callLimiter.take();
    refused(callLimiter, 1);
    callSlot.close();
    assertThat(callLimiter.free()).isEqualTo(1);
  }

  @Test
  void who_is_refused_is_told_when_a_seat_may_be_free() {
    var callLimiter = new CallLimiter("watches", 2, clock);
    CallLimiter.CallSlot one = callLimiter.take();
    CallLimiter.CallSlot _ = callLimiter.take();
    clock.advance(Duration.ofSeconds(20));
    refused(callLimiter, 20);
    one.close();
    CallLimiter.CallSlot _ = callLimiter.take();
    clock.advance(Duration.ofMinutes(1));
    refused(callLimiter, 10);
  }

  @Test
  void a_store_that_fails_is_expected_to_for_as_long_again_and_no_outage_lasts_over_a_silence() {
    var storeOutage = new StoreOutage(clock);
    assertThat(storeOutage.failed()).isZero();
    clock.advance(Duration.ofSeconds(50));
    assertThat(storeOutage.failed()).isEqualTo(Duration.ofSeconds(50));
    clock.advance(Duration.ofSeconds(121));
    assertThat(storeOutage.failed()).isZero();
  }

  @ParameterizedTest
  @EnumSource(ProblemType.class)
  void whatever_is_over_some_time_says_when(ProblemType type) {
    boolean told = ProblemErrorHandler.problem(type, "x").headers().containsKey("Retry-After");
    assertThat(told).isEqualTo(Set.of(429, 503, 507).contains(type.status()));
    if (told) {
      assertThatThrownBy(() -> ProblemException.of(type, "x"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void listening_beyond_this_machine_without_tls_must_be_said() {
    assertThatThrownBy(() -> new ControlApi.Options("0.0.0.0", 0, false, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("without TLS");
    assertThat(new ControlApi.Options("0.0.0.0", 0, true, Optional.empty()).plaintextAllowed())
        .isTrue();
  }
}
