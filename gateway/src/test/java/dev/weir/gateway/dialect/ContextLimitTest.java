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

  /// As recorded of OpenAI, vLLM (two forms), SGLang (three: vllm-project/vllm's and
  /// sgl-project/sglang's sources), llama.cpp's server (new and old), Ollama (its own API and
  /// OpenAI's), Anthropic.
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
        {"object":"error","message":"Requested token count exceeds the model's maximum context length of 262144 tokens. You requested a total of 267042 tokens: 201506 tokens from the input messages and 65536 tokens for the completion.","type":"BadRequestError","param":null,"code":400}\
        """,
        """
        {"object":"error","message":"Input length (9000 tokens) exceeds the maximum allowed length (8186 tokens). Use a shorter input or enable --allow-auto-truncate.","type":"BadRequestError","param":null,"code":400}\
        """,
        """
        {"error":{"code":400,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"invalid_request_error"}}\
        """,
        """
        {"error":"the input length exceeds the context length"}\
        """,
        """
        {"error":{"message":"the input length exceeds the context length","type":"invalid_request_error","param":null,"code":null}}\
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
