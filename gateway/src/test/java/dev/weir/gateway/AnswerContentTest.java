// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.testkit.FakeModelServer.Script.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.dialect.ApiFamily;
import dev.weir.gateway.dialect.WholeAnswer;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.answer.AnswerWatch;
import dev.weir.gateway.exchange.answer.EventContent;
import dev.weir.gateway.exchange.answer.Timeline;
import dev.weir.snapshot.AnswerContent;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.testkit.FakeModelServer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Answers with and without content.
class AnswerContentTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "CHAT!{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}",
        "CHAT!{\"choices\":[{\"message\":{\"content\":null},\"finish_reason\":\"stop\"}]}",
        "CHAT!{\"choices\":[{\"message\":{\"content\":\" \\n\"},\"finish_reason\":\"stop\"}]}",
        "CHAT!{\"choices\":[{\"message\":{\"content\":[]},\"finish_reason\":\"stop\"}]}",
        "CHAT!{\"choices\":[{\"message\":{\"content\":\"\",\"tool_calls\":[]},\"finish_reason\":\"tool_calls\"}]}",
        "CHAT!{\"choices\":[{\"message\":{\"content\":\"\",\"reasoning_content\":\"Hm.\"},\"finish_reason\":\"stop\"}]}",
        "CHAT!{\"choices\":[{\"message\":{\"content\":\"\"}},{\"message\":{\"content\":\"\"}}]}",
        "COMPLETIONS!{\"choices\":[{\"text\":\"\",\"finish_reason\":\"stop\",\"stop_reason\":null}]}",
        "RESPONSES!{\"output\":[],\"status\":\"completed\"}",
        "RESPONSES!{\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"\"}]}]}",
        "RESPONSES!{\"output\":[{\"type\":\"reasoning\",\"content\":[{\"type\":\"reasoning_text\",\"text\":\"Hm.\"}]}]}",
        "MESSAGES!{\"type\":\"message\",\"content\":[],\"stop_reason\":\"end_turn\"}",
        "MESSAGES!{\"content\":[{\"type\":\"thinking\",\"thinking\":\"Hm.\"}],\"stop_reason\":\"end_turn\"}"
      })
  void a_whole_answer_without_content_is_empty(ApiFamily family, String answer) {
    assertThat(whole(family, answer)).isEqualTo(AnswerContent.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "CHAT!{\"choices\":[{\"message\":{\"content\":\"No\"},\"finish_reason\":\"stop\"}]}",
        "CHAT!{\"choices\":[{\"message\":{\"content\":\"\"}},{\"message\":{\"content\":\"b\"}}]}",
        "CHAT!{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}}]}",
        "CHAT!{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}]}",
        "CHAT!{\"choices\":[{\"message\":{\"content\":null,\"function_call\":{\"name\":\"f\",\"arguments\":\"\"}}}]}",
        "CHAT!{\"choices\":[{\"message\":{\"content\":null,\"audio\":{\"id\":\"a\",\"data\":\"AA\"}}}]}",
        "CHAT!{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"no\"}}]}",
        "CHAT!{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"content_filter\"}]}",
        "CHAT!{\"choices\":[{\"message\":{\"content\":\"\",\"reasoning_content\":\"Hm\"},\"finish_reason\":\"length\"}]}",
        "COMPLETIONS!{\"choices\":[{\"text\":\"\",\"finish_reason\":\"length\"}]}",
        "RESPONSES!{\"output\":[{\"type\":\"function_call\",\"name\":\"f\",\"arguments\":\"{}\"}]}",
        "RESPONSES!{\"output\":[],\"incomplete_details\":{\"reason\":\"max_output_tokens\"}}",
        "MESSAGES!{\"content\":[{\"type\":\"tool_use\",\"name\":\"f\",\"input\":{}}]}",
        "MESSAGES!{\"content\":[],\"stop_reason\":\"max_tokens\"}"
      })
  void a_whole_answer_with_content_or_cut_off_by_its_limit_is_not_empty(
      ApiFamily family, String answer) {
    assertThat(whole(family, answer)).isEqualTo(AnswerContent.SOME);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "CHAT!{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}|{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
        "CHAT!{\"choices\":[{\"delta\":{\"content\":\"\\n\"}}]}|{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
        "CHAT!{\"choices\":[{\"delta\":{\"reasoning_content\":\"Hm\"}}]}|{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
        "COMPLETIONS!{\"choices\":[{\"text\":\"\",\"finish_reason\":\"stop\"}]}",
        "RESPONSES!{\"type\":\"response.reasoning_text.delta\",\"delta\":\"Hm\"}|{\"type\":\"response.completed\"}",
        "RESPONSES!{\"type\":\"response.output_item.added\",\"item\":{\"type\":\"message\",\"content\":[]}}|{\"type\":\"response.completed\"}",
        "MESSAGES!{\"type\":\"content_block_start\",\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}|{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"Hm\"}}|{\"type\":\"message_stop\"}"
      })
  void a_stream_without_content_is_empty(ApiFamily family, String events) {
    assertThat(streamed(family, events)).isEqualTo(AnswerContent.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "CHAT!{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}",
        "CHAT!{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"a\"}}]}",
        "CHAT!{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\"}}]}}]}",
        "CHAT!{\"choices\":[{\"delta\":{\"refusal\":\"no\"}}]}",
        "CHAT!{\"choices\":[{\"delta\":{\"reasoning\":\"Hm\"}}]}|{\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}",
        "CHAT!{\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\"}]}",
        "COMPLETIONS!{\"choices\":[{\"text\":\"a\"}]}",
        "RESPONSES!{\"type\":\"response.output_text.delta\",\"delta\":\"a\"}",
        "RESPONSES!{\"type\":\"response.output_item.added\",\"item\":{\"type\":\"function_call\",\"arguments\":\"\"}}",
        "RESPONSES!{\"type\":\"response.incomplete\"}",
        "MESSAGES!{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}",
        "MESSAGES!{\"type\":\"content_block_start\",\"content_block\":{\"type\":\"tool_use\",\"name\":\"f\",\"input\":{}}}",
        "MESSAGES!{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\"}}"
      })
  void a_stream_with_content_or_cut_off_by_its_limit_is_not_empty(ApiFamily family, String events) {
    assertThat(streamed(family, events)).isEqualTo(AnswerContent.SOME);
  }

  @Test
  void for_an_answer_that_was_not_read_emptiness_is_unknown() {
    assertThat(new AnswerWatch(false).answerContent()).isEqualTo(AnswerContent.UNKNOWN);
    assertThat(new Timeline(0).answerContent()).isEqualTo(AnswerContent.UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"choices\":[]}",
        "{\"choices\":null}",
        "{\"error\":{\"message\":\"out of memory\"}}",
        "{\"choices\":[],\"usage\":{\"completion_tokens\":0}}"
      })
  void an_answer_of_200_without_a_choice_is_a_failure_and_another_replica_answers(String empty)
      throws Exception {
    try (GatewayFixture weir = new GatewayFixture()) {
      FakeModelServer broken = weir.server().byDefault(json(200, empty));
      FakeModelServer healthy = weir.server();
      weir.serve(Snapshots.service("chat", Snapshots.arm("chat@1", broken.url(), healthy.url())));
      for (int i = 0; i < 4; i++) {
        assertThat(weir.chat(BODY).body()).isEqualTo(FakeModelServer.ANSWER);
      }
      assertThat(List.copyOf(weir.recorder.attempts))
          .filteredOn(end -> end.outcome() == Outcome.FAILURE)
          .isNotEmpty()
          .allSatisfy(end ->
              assertThat(end.failure().map(Failure::kind)).contains(Failure.Kind.BAD_ANSWER));
    }
  }

  @Test
  void an_answer_without_usage_has_no_known_length() throws Exception {
    try (GatewayFixture weir = new GatewayFixture()) {
      weir.serve(weir.server());
      weir.chat(BODY);
      AttemptEnd end = GatewayFixture.Memory.next(weir.recorder.attempts);
      assertThat(end.outcome()).isEqualTo(Outcome.SUCCESS);
      assertThat(end.ttftMicros()).isPositive();
      assertThat(end.outputTokens()).isZero();
    }
  }

  @Test
  void an_empty_answer_of_a_counted_request_is_reported() throws Exception {
    try (GatewayFixture weir = new GatewayFixture()) {
      FakeModelServer replica =
          weir.server()
              .byDefault(
                  json(
                      200,
                      "{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}"));
      ServiceEntry service = Snapshots.service("chat", Snapshots.arm("chat@1", replica.url()));
      weir.serve(Snapshots.withCanary(service, Snapshots.arm("chat@2", replica.url()), 0, 500_000));
      weir.chat(BODY);
      AttemptEnd end = GatewayFixture.Memory.next(weir.recorder.attempts);
      assertThat(end.answerContent()).isEqualTo(AnswerContent.NONE);
      assertThat(end.traits()).isEmpty();
    }
  }

  private static final String BODY = "{\"model\":\"chat\",\"messages\":[]}";

  private static AnswerContent whole(ApiFamily family, String answer) {
    Timeline timeline = new Timeline(0);
    timeline.watchBy(new AnswerWatch(false));
    Optional<Failure> wrong = WholeAnswer.into(timeline, family, bytes(answer));
    assertThat(wrong).isEmpty();
    return timeline.answerContent();
  }

  private static AnswerContent streamed(ApiFamily family, String events) {
    AnswerWatch watch = new AnswerWatch(false);
    EventContent facts = new EventContent();
    facts.followCalls = true;
    for (String event : events.split("\\|", -1)) {
      byte[] data = event.getBytes(StandardCharsets.UTF_8);
      facts.clear();
      family.stream().read(data, data.length, facts);
      watch.event(facts);
    }
    return watch.answerContent();
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }
}
