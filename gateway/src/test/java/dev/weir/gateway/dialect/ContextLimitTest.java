// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ContextLimitTest {
  private static boolean exceeded(String error) {
    return ContextLimit.exceeded(Unpooled.copiedBuffer(error, StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @MethodSource("dev.weir.gateway.dialect.RecordedResponses#contextTooLong")
  void each_engine_says_it_in_its_own_way(RecordedResponses.Refusal error) {
    assertThat(exceeded(error.body())).isTrue();
  }

  @Test
  void other_errors_and_what_a_request_says_in_them_are_something_else() {
    assertThat(exceeded("{\"error\":{\"message\":\"messages must not be empty\",\"code\":400}}"))
        .isFalse();
    assertThat(
            exceeded(
                "{\"detail\":[{\"input\":\"my maximum context length\",\"msg\":\"bad\"}],"
                    + "\"error\":{\"param\":\"prompt is too long\"}}"))
        .isFalse();
    assertThat(exceeded("maximum context length")).isFalse();
    assertThat(exceeded("{\"message\":\"maximum context length\"")).isFalse();
    assertThat(exceeded("")).isFalse();
  }
}
