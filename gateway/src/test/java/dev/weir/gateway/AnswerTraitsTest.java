// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.testkit.FakeModelServer.Script.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.dialect.ApiFamily;
import dev.weir.gateway.dialect.RequestBodyReader;
import dev.weir.gateway.dialect.WholeAnswer;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.answer.AnswerWatch;
import dev.weir.gateway.exchange.answer.EventContent;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry.Trait;
import dev.weir.testkit.FakeModelServer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The traits of an answer that the statistics get from the bytes of a replica.
class AnswerTraitsTest {
  private static final String ASKS =
      "{\"model\":\"chat\",\"messages\":[],\"response_format\":{\"type\":\"json_object\"}}";

  @Test
  void only_the_first_answer_of_a_counted_request_is_read() throws Exception {
    try (GatewayFixture weir = new GatewayFixture()) {
      FakeModelServer replica =
          weir.server()
              .byDefault(
                  json(
                      200,
                      "{\"choices\":[{\"message\":{\"content\":\"{\"},\"finish_reason\":\"stop\"}]}"));
      ServiceEntry service = Snapshots.service("chat", Snapshots.arm("chat@1", replica.url()));
      weir.serve(Snapshots.withCanary(service, Snapshots.arm("chat@2", replica.url()), 0, 500_000));
      weir.chat(ASKS);
      AttemptEnd counted = GatewayFixture.Memory.next(weir.recorder.attempts);
      assertThat(counted.traits()).containsExactlyInAnyOrder(Trait.JSON_ASKED, Trait.INVALID_JSON);
      weir.serve(service);
      weir.chat(ASKS);
      assertThat(GatewayFixture.Memory.next(weir.recorder.attempts).traits()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"response_format\":{\"type\":\"json_object\"}}",
        "{\"response_format\":{\"json_schema\":{},\"type\":\"json_schema\"}}",
        "{\"text\":{\"format\":{\"type\":\"json_schema\",\"schema\":{}}}}",
        "{\"guided_json\":{}}"
      })
  void these_requests_demand_json(String body) {
    assertThat(asksForJson(body)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"response_format\":{\"type\":\"text\"},\"user\":\"json_object\"}",
        "{\"messages\":[{\"content\":\"\\\"json_object\\\"\"}]}",
        "{\"guided_json\":null}",
        "{}"
      })
  void these_requests_do_not_demand_json(String body) {
    assertThat(asksForJson(body)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "{\"choices\":[{\"message\":{\"content\":\"I cannot help with that\"}}]}",
        "{\"choices\":[{\"message\":{\"refusal\":\"no\"}}]}",
        "{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"content_filter\"}]}",
        "{\"choices\":[{\"text\":\"I cannot help with that\"}]}",
        "{\"output\":[{\"content\":[{\"type\":\"refusal\",\"refusal\":\"no\"}]}]}",
        "{\"content\":[{\"type\":\"text\",\"text\":\"I must decline\"}]}",
        "{\"content\":[],\"stop_reason\":\"refusal\"}"
      })
  void a_whole_answer_that_refuses_is_a_refusal(String answer) {
    assertThat(whole(answer)).containsExactly(Trait.REFUSAL);
  }

  @Test
  void of_a_whole_answer_only_the_first_choice_and_its_tool_call_are_read() {
    assertThat(
            whole(
                "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"name\":\"f\","
                    + "\"arguments\":\"{\"}}]}}]}"))
        .containsExactlyInAnyOrder(Trait.JSON_ASKED, Trait.INVALID_JSON);
    assertThat(
            whole(
                "{\"choices\":[{\"message\":{\"content\":\"fine\"}},"
                    + "{\"message\":{\"content\":\"I must decline\"}}]}"))
        .isEmpty();
  }

  @Test
  void events_of_each_dialect_are_read() {
    assertThat(
            streamed(
                ApiFamily.CHAT,
                "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":"
                    + "{\"name\":\"f\",\"arguments\":\"{\"}}]}}]}",
                "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":"
                    + "{\"arguments\":\"}\"}}]}}]}"))
        .containsExactly(Trait.JSON_ASKED);
    assertThat(
            streamed(
                ApiFamily.CHAT,
                "{\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\"}]}"))
        .containsExactly(Trait.REFUSAL);
    assertThat(
            streamed(
                ApiFamily.MESSAGES,
                "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":"
                    + "\"I must decline\"}}"))
        .containsExactly(Trait.REFUSAL);
    assertThat(
            streamed(
                ApiFamily.RESPONSES,
                "{\"type\":\"response.output_text.delta\",\"delta\":\"I must decline\"}"))
        .containsExactly(Trait.REFUSAL);
  }

  @Test
  void of_a_stream_with_several_choices_the_first_is_read() {
    assertThat(
            streamed(
                ApiFamily.CHAT,
                "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Fine. \"}}]}",
                "{\"choices\":[{\"index\":1,\"delta\":{\"refusal\":\"no\"}}]}"))
        .isEmpty();
  }

  @Test
  void a_whole_answer_that_was_filtered_in_another_choice_has_no_traits() {
    assertThat(
            whole(
                "{\"choices\":[{\"finish_reason\":\"stop\"},"
                    + "{\"finish_reason\":\"content_filter\"}]}"))
        .isEmpty();
  }

  private static Set<Trait> streamed(ApiFamily family, String... events) {
    AnswerWatch watch = new AnswerWatch(false);
    EventContent facts = new EventContent();
    facts.followCalls = true;
    for (String event : events) {
      byte[] data = event.getBytes(StandardCharsets.UTF_8);
      facts.clear();
      family.stream().read(data, data.length, facts);
      watch.event(facts);
    }
    return watch.traits();
  }

  private static boolean asksForJson(String fields) {
    String body =
        fields.replaceFirst("\\{", "{\"model\":\"chat\"" + (fields.equals("{}") ? "" : ","));
    ApiFamily family = fields.contains("\"text\":") ? ApiFamily.RESPONSES : ApiFamily.CHAT;
    return switch (RequestBodyReader.read(family, "application/json", bytes(body))) {
      case RequestBodyReader.Result.Read read -> read.parsedRequest().jsonRequested();
      case RequestBodyReader.Result.Unreadable bad -> throw new AssertionError(bad.message());
    };
  }

  private static Set<Trait> whole(String answer) {
    AnswerWatch watch = new AnswerWatch(false);
    assertThat(WholeAnswer.read(bytes(answer), Optional.of(watch)).readable()).isTrue();
    return watch.traits();
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }
}
