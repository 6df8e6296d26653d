// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.Cause;
import dev.weir.snapshot.RoutingSnapshot.Fallback;
import java.util.List;
import org.junit.jupiter.api.Test;

class FallbackChainTest {
  private final FallbackChain chain =
      new FallbackChain(
          "chat",
          List.of(
              new Fallback("n/large", List.of(Cause.CONTEXT_TOO_LONG)),
              new Fallback("n/other", List.of(Cause.DOWN, Cause.SATURATED)),
              new Fallback("n/hosted", List.of(Cause.values()))),
          "n/own");

  @Test
  void the_first_fallback_for_the_cause_is_used_and_none_a_second_time() {
    assertThat(chain.fallbackTrace().any()).isFalse();
    assertThat(chain.next(Cause.SATURATED, _ -> true)).contains("n/other");
    assertThat(chain.next(Cause.DOWN, _ -> true)).contains("n/hosted");
    assertThat(chain.next(Cause.DOWN, _ -> true)).isEmpty();
    assertThat(chain.next(Cause.CONTEXT_TOO_LONG, _ -> true)).contains("n/large");
    assertThat(chain.next(Cause.CONTEXT_TOO_LONG, _ -> true)).isEmpty();
    assertThat(chain.fallbackTrace().headerValue()).isEqualTo("saturated, down, contextTooLong");
  }

  @Test
  void a_service_that_cannot_answer_is_skipped_and_may_be_used_later() {
    assertThat(chain.next(Cause.DOWN, "n/hosted"::equals)).contains("n/hosted");
    assertThat(chain.next(Cause.DOWN, _ -> true)).contains("n/other");
  }

  @Test
  void the_service_that_was_chosen_first_is_never_used_again() {
    FallbackChain each =
        new FallbackChain(
            "chat",
            List.of(
                new Fallback("n/a", List.of(Cause.DOWN)), new Fallback("n/b", List.of(Cause.DOWN))),
            "n/a");
    assertThat(each.next(Cause.DOWN, _ -> true)).contains("n/b");
    assertThat(each.next(Cause.DOWN, _ -> true)).isEmpty();
  }

  @Test
  void only_failures_of_the_service_are_causes_never_client_errors_or_a_deadline() {
    assertThat(FallbackChain.cause(Failure.Kind.NO_REPLICA)).contains(Cause.DOWN);
    assertThat(FallbackChain.cause(Failure.Kind.CONNECT_FAILED)).contains(Cause.DOWN);
    assertThat(FallbackChain.cause(Failure.Kind.SERVER_ERROR)).contains(Cause.DOWN);
    assertThat(FallbackChain.cause(Failure.Kind.FIRST_TOKEN_TIMEOUT)).contains(Cause.DOWN);
    assertThat(FallbackChain.cause(Failure.Kind.BACKPRESSURE)).contains(Cause.SATURATED);
    assertThat(FallbackChain.cause(Failure.Kind.SERVICE_FULL)).contains(Cause.SATURATED);
    assertThat(FallbackChain.cause(Failure.Kind.OVERLOADED)).contains(Cause.SATURATED);
    assertThat(FallbackChain.cause(Failure.Kind.CONTEXT_TOO_LONG)).contains(Cause.CONTEXT_TOO_LONG);
    for (Failure.Kind kind :
        List.of(
            Failure.Kind.TOTAL_TIMEOUT,
            Failure.Kind.CLIENT_DEADLINE,
            Failure.Kind.CLIENT_GONE,
            Failure.Kind.REJECTED_BY_ENGINE,
            Failure.Kind.INTERNAL)) {
      assertThat(FallbackChain.cause(kind)).as(kind.name()).isEmpty();
    }
  }
}
