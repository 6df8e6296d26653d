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
  void a_client_error_is_neutral_for_the_engine_and_is_not_retried() {
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
  void only_backpressure_is_retried_after_a_pause_and_only_it_has_that_class() {
    assertThat(Kind.values())
        .filteredOn(kind -> kind.next() == Next.RETRY_AFTER)
        .containsExactly(Kind.BACKPRESSURE);
    assertThat(Kind.values())
        .filteredOn(kind -> kind.outcome() == Outcome.BACKPRESSURE)
        .containsExactly(Kind.BACKPRESSURE);
  }

  @Test
  void a_version_without_a_replica_counts_as_failing() {
    assertThat(Kind.NO_REPLICA.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(Kind.NO_REPLICA.retryable()).isFalse();
  }

  @Test
  void no_failure_kind_means_success_or_still_running() {
    assertThat(Arrays.stream(Kind.values()).map(Kind::outcome))
        .doesNotContain(Outcome.SUCCESS, Outcome.PENDING);
  }
}
