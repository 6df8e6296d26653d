// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContextLimitTest {
  private static boolean exceeded(String error) {
    return ContextLimit.exceeded(Unpooled.copiedBuffer(error, StandardCharsets.UTF_8));
  }

  /// OpenAI, vLLM (of two forms), SGLang, llama.cpp's server, Anthropic.
  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        {"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 10000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}\
        """,
        """
        {"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4000 in the messages, 1000 in the completion).","type":"BadRequestError","param":null,"code":400}\
        """,
        """
        {"error":{"message":"The decoder prompt (length 5000) is longer than the maximum model length of 4096.","type":"BadRequestError","param":null,"code":400}}\
        """,
        """
        {"object":"error","message":"The input (5000 tokens) is longer than the model's context length (4096 tokens).","type":"BadRequestError","param":null,"code":400}\
        """,
        """
        {"error":{"code":400,"message":"request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}\
        """,
        """
        {"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}\
        """
      })
  void each_engine_says_it_in_its_own_way(String error) {
    assertThat(exceeded(error)).isTrue();
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
