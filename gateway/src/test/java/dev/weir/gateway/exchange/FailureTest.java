// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.Failure.Attribution;
import dev.weir.gateway.exchange.Failure.Kind;
import dev.weir.gateway.exchange.Failure.Next;
import dev.weir.snapshot.Telemetry.Outcome;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FailureTest {
  @Test
  void what_the_client_did_says_nothing_about_an_engine_and_is_not_tried_again() {
    assertThat(Kind.values())
        .filteredOn(kind -> kind.attribution() == Attribution.CLIENT)
        .allMatch(kind -> kind.outcome() == Outcome.NEUTRAL && !kind.retryable());
  }

  @Test
  void an_engines_fault_is_a_failure_or_backpressure_and_never_neutral() {
    assertThat(Kind.values())
        .filteredOn(kind -> kind.attribution() == Attribution.ENGINE)
        .allMatch(
            kind -> kind.outcome() == Outcome.FAILURE || kind.outcome() == Outcome.BACKPRESSURE);
  }

  @Test
  void only_backpressure_is_tried_again_after_a_pause_and_only_it_has_that_class() {
    assertThat(Kind.values())
        .filteredOn(kind -> kind.next() == Next.RETRY_AFTER)
        .containsExactly(Kind.BACKPRESSURE);
    assertThat(Kind.values())
        .filteredOn(kind -> kind.outcome() == Outcome.BACKPRESSURE)
        .containsExactly(Kind.BACKPRESSURE);
  }

  @Test
  void a_version_without_a_replica_looks_no_better_than_one_that_fails() {
    assertThat(Kind.NO_REPLICA.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(Kind.NO_REPLICA.retryable()).isFalse();
  }

  @Test
  void no_kind_says_that_an_attempt_succeeded_or_still_runs() {
    assertThat(Arrays.stream(Kind.values()).map(Kind::outcome))
        .doesNotContain(Outcome.SUCCESS, Outcome.PENDING);
  }
}
