// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.EngineCapabilities;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ContextLimitTest {
  /// A snapshot that does not describe an engine.
  private static final EngineCapabilities UNDESCRIBED = new Arm("chat@1", List.of()).capabilities();

  private static boolean exceeded(String error) {
    return exceeded(UNDESCRIBED, error);
  }

  private static boolean exceeded(EngineCapabilities engine, String error) {
    return ContextLimit.exceeded(engine, Unpooled.copiedBuffer(error, StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @MethodSource("dev.weir.gateway.dialect.RecordedResponses#contextTooLong")
  void each_engine_reports_it_in_its_own_format(RecordedResponses.Refusal error) {
    assertThat(exceeded(error.body())).isTrue();
  }

  @Test
  void an_engine_with_a_profile_has_its_own_codes_and_texts() {
    EngineCapabilities own =
        new EngineCapabilities(
            List.of(), true, false, false, 0, List.of("E1042"), List.of("does not fit"));
    assertThat(exceeded(own, "{\"error\":{\"code\":\"E1042\",\"message\":\"no\"}}")).isTrue();
    assertThat(exceeded(own, "{\"detail\":\"The prompt DOES NOT FIT into the window\"}")).isTrue();
    assertThat(exceeded(own, "{\"message\":\"maximum context length\"}")).isFalse();
    assertThat(exceeded("{\"error\":{\"code\":\"E1042\",\"message\":\"no\"}}")).isFalse();
  }

  @Test
  void other_errors_and_request_text_quoted_in_them_do_not_match() {
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
