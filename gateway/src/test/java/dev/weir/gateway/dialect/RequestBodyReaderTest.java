// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.ParsedRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBodyReaderTest {
  private static ByteBuf bytes(String text) {
    return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
  }

  private static ParsedRequest read(String body) {
    RequestBodyReader.Result result =
        RequestBodyReader.read(ApiFamily.CHAT, "application/json", bytes(body));
    assertThat(result).isInstanceOf(RequestBodyReader.Result.Read.class);
    return ((RequestBodyReader.Result.Read) result).parsedRequest();
  }

  @Test
  void the_position_of_the_model_is_found_byte_by_byte() {
    String body = "{\"user\":\"Zoë 🦊\", \"model\" :  \"ch\\u0061t\" , \"x\":{\"model\":\"no\"}}";
    ParsedRequest parsedRequest = read(body);
    assertThat(parsedRequest.model()).isEqualTo("chat");
    ByteBuf rewritten = RequestBodyWriter.body(bytes(body), parsedRequest, "other");
    assertThat(rewritten.toString(StandardCharsets.UTF_8))
        .isEqualTo("{\"user\":\"Zoë 🦊\", \"model\" :  \"other\" , \"x\":{\"model\":\"no\"}}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-16", "UTF-32BE", "UTF-32LE"})
  void only_utf_8_is_read(String charset) {
    ByteBuf body = Unpooled.wrappedBuffer("{\"model\":\"m\"}".getBytes(Charset.forName(charset)));

    assertThat(RequestBodyReader.read(ApiFamily.CHAT, "application/json", body))
        .isEqualTo(new RequestBodyReader.Result.Unreadable("the body must be JSON in UTF-8"));
  }

  @Test
  void a_byte_order_mark_does_not_move_the_model() {
    ParsedRequest parsedRequest = read("\ufeff{\"model\":\"m\"}");

    ByteBuf rewritten =
        RequestBodyWriter.body(bytes("\ufeff{\"model\":\"m\"}"), parsedRequest, "other");

    assertThat(rewritten.toString(StandardCharsets.UTF_8)).isEqualTo("\ufeff{\"model\":\"other\"}");
  }

  @Test
  void an_output_limit_that_would_overflow_is_capped() {
    ParsedRequest parsedRequest = read("{\"model\":\"m\",\"max_tokens\":9223372036854775807}");

    assertThat(parsedRequest.resumeConstraints().maxTokens() + Integer.MAX_VALUE).isPositive();
  }

  @Test
  void the_relevant_fields_are_read() {
    ParsedRequest parsedRequest =
        read(
            "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
                + "\"max_tokens\":9,\"n\":1,\"messages\":[],\"response_format\":{\"type\":\"text\"},"
                + "\"logprobs\":false,\"tools\":[{\"type\":\"function\"}],\"tool_choice\":\"auto\"}");
    assertThat(parsedRequest.stream()).isTrue();
    assertThat(parsedRequest.resumeConstraints().includeUsage()).isTrue();
    assertThat(parsedRequest.resumeConstraints().maxTokens()).isEqualTo(9);
    assertThat(parsedRequest.continuable()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]",
        "\"messages\":[{\"content\":[{\"type\":\"text\",\"text\":\"x\"},\"y\"]}]",
        "\"tools\":[{}],\"tool_choice\":\"none\"",
        "\"stop\":[\"x\"],\"include_stop_str_in_output\":true",
        "\"return_token_ids\":true"
      })
  void a_text_only_request_is_traceable(String field) {
    assertThat(read("{\"model\":\"m\",\"stream\":true,\"max_tokens\":1," + field + "}").traceable())
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]}]",
        "\"messages\":[{\"content\":[{\"text\":\"type\"}]}]",
        "\"messages\":[{\"content\":[7]}]",
        "\"messages\":[{\"content\":\"x\",\"audio\":{\"id\":\"x\"}}]",
        "\"tools\":[{}]",
        "\"tools\":[{}],\"tool_choice\":\"auto\"",
        "\"stop\":[\"x\"]",
        "\"mm_processor_kwargs\":{\"x\":1}",
        "\"n\":2"
      })
  void a_request_that_ids_do_not_describe_completely_is_not_traceable(String field) {
    assertThat(read("{\"model\":\"m\",\"stream\":true,\"max_tokens\":1," + field + "}").traceable())
        .isFalse();
  }

  @Test
  void requested_ids_exclude_continuation_from_text() {
    ParsedRequest parsedRequest =
        read("{\"model\":\"m\",\"stream\":true,\"return_token_ids\":true}");

    assertThat(parsedRequest.ids()).isEqualTo(ParsedRequest.TokenIdRequest.WANTED);
    assertThat(parsedRequest.continuable()).isFalse();
    assertThat(parsedRequest.traceable()).as("without max_tokens").isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"n\":2",
        "\"logprobs\":true",
        "\"top_logprobs\":3",
        "\"response_format\":{\"type\":\"json_schema\"}",
        "\"guided_json\":{}",
        "\"tool_choice\":{\"type\":\"function\"}",
        "\"continue_final_message\":true",
        "\"add_generation_prompt\":false"
      })
  void a_request_with_more_than_text_is_not_continuable(String field) {
    assertThat(read("{\"model\":\"m\",\"stream\":true," + field + "}").continuable()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{}",
        "{\"model\":1}",
        "{\"model\":\"a\"} x",
        "{\"model\":\"a\",\"model\":\"b\"}",
        "{\"model\":\"a\",\"return_token_ids\":true,\"return_token_ids\":false}",
        "{\"model\":\"a\",\"stream\":true,\"stream\":false}"
      })
  void an_invalid_body_is_unreadable(String body) {
    assertThat(RequestBodyReader.read(ApiFamily.CHAT, "application/json", bytes(body)))
        .isInstanceOf(RequestBodyReader.Result.Unreadable.class);
  }

  @Test
  void deep_nesting_is_refused() {
    String body = "{\"model\":\"m\",\"x\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}";
    assertThat(RequestBodyReader.read(ApiFamily.CHAT, "application/json", bytes(body)))
        .isInstanceOf(RequestBodyReader.Result.Unreadable.class);
  }

  @Test
  void the_model_of_an_upload_is_found_and_renamed() {
    String form =
        """
        --b
        Content-Disposition: form-data; name="file"; filename="a.wav"
        Content-Type: audio/wav

        RIFF

        --b
        Content-Disposition: form-data; name="model"

        whisper
        --b--
        """
            .replace("\n", "\r\n");
    RequestBodyReader.Result result =
        RequestBodyReader.read(ApiFamily.OTHER, "multipart/form-data; boundary=b", bytes(form));
    ParsedRequest parsedRequest = ((RequestBodyReader.Result.Read) result).parsedRequest();
    assertThat(parsedRequest.model()).isEqualTo("whisper");
    assertThat(
            RequestBodyWriter.body(bytes(form), parsedRequest, "w2")
                .toString(StandardCharsets.UTF_8))
        .isEqualTo(form.replace("whisper", "w2"));
  }

  @Test
  void counts_and_aborts_of_whole_answers_are_found() {
    ByteBuf answer =
        bytes(
            "{\"choices\":[{\"text\":\"say \\\"usage\\\": {\\\"prompt_tokens\\\": 1}\"}],"
                + "\"usage\": {\"prompt_tokens\":3,\"details\":{\"x\":1},\"completion_tokens\":4}}");
    assertThat(whole(answer)).isEqualTo(new WholeAnswer(true, 1, 3, 4, false));
    assertThat(whole(bytes("{\"a\":[{\"finish_reason\": \"abort\"}]}")).aborted()).isTrue();
    assertThat(whole(bytes("{\"finish_reason\":{\"a\":[\"abort\"]},\"usage\":[1]}")))
        .isEqualTo(new WholeAnswer(true, 0, 0, 0, false));
    assertThat(whole(bytes("[]"))).isEqualTo(new WholeAnswer(false, 0, 0, 0, false));
  }

  @Test
  void a_whole_answer_is_readable_if_it_is_one_complete_json_object() {
    assertThat(whole(bytes("{\"choices\":[{\"text\":\"\u00e4\"}]}\n")).readable()).isTrue();
    for (String garbage :
        List.of("", "ok", "[]", "{\"choices\":[", "{\"choices\":[}]}", "{} and more", "{}{}")) {
      assertThat(whole(bytes(garbage)).readable()).as(garbage).isFalse();
    }
    byte[] noText = "{\"choices\":[{\"text\":\"?\"}]}".getBytes(StandardCharsets.UTF_8);
    noText[21] = (byte) 0xF9;
    assertThat(whole(Unpooled.wrappedBuffer(noText)).readable()).isFalse();
  }

  private static WholeAnswer whole(ByteBuf answer) {
    return WholeAnswer.read(answer, Optional.empty());
  }
}
