// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.resume;

import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.service;
import static dev.weir.gateway.resume.StreamResumeTest.answer;
import static dev.weir.gateway.resume.StreamResumeTest.chunk;
import static dev.weir.gateway.resume.StreamResumeTest.count;
import static dev.weir.testkit.FakeModelServer.Script.cutAfter;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture;
import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.Breaks;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Received;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Streams that the gateway cannot continue without a different answer. When one breaks, the client
/// gets one error in its own dialect and no sign that the answer is complete.
class NotContinuedTest {
  private static final Breaks FROM_TEXT = new Breaks(3, false, false);
  private static final Breaks FROM_TOKENS = new Breaks(3, false, true);

  private final GatewayFixture weir = new GatewayFixture();

  @AfterEach
  void stop() {
    weir.close();
  }

  record Case(boolean chat, Breaks breaks, String field) {}

  /// Fields that give an answer more than its text; neither text nor token ids can continue it.
  private static Stream<Case> structured() {
    Stream<String> both =
        Stream.of(
            "\"n\":2",
            "\"best_of\":2",
            "\"logprobs\":1",
            "\"top_logprobs\":2",
            "\"prompt_logprobs\":1",
            "\"return_tokens_as_token_ids\":true",
            "\"response_format\":{\"type\":\"json_object\"}",
            "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\"}}",
            "\"response_format\":{\"type\":\"structural_tag\"}",
            "\"response_format\":\"json\"",
            "\"guided_json\":{\"type\":\"object\"}",
            "\"guided_regex\":\"a*\"",
            "\"guided_choice\":[\"a\",\"b\"]",
            "\"guided_grammar\":\"root ::= x\"",
            "\"structured_outputs\":{\"regex\":\"a*\"}",
            "\"json_schema\":\"{}\"",
            "\"regex\":\"a*\"",
            "\"ebnf\":\"root ::= x\"",
            "\"grammar\":\"root ::= x\"",
            "\"use_beam_search\":true",
            "\"echo\":true",
            "\"prompt_embeds\":\"AAAA\"");
    Stream<Case> chatOnly =
        Stream.of(
                "\"tool_choice\":\"required\"",
                "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}",
                "\"functions\":[{\"name\":\"f\"}]",
                "\"modalities\":[\"text\",\"audio\"]",
                "\"audio\":{\"voice\":\"x\"}",
                "\"add_generation_prompt\":false",
                "\"continue_final_message\":true")
            .flatMap(field -> either(true, field));
    Stream<Case> textOnly = either(false, "\"suffix\":\"the end\"");
    return Stream.of(
            both.flatMap(field -> Stream.of(true, false).flatMap(chat -> either(chat, field))),
            chatOnly,
            textOnly)
        .flatMap(each -> each);
  }

  private static Stream<Case> either(boolean chat, String field) {
    return Stream.of(
        new Case(chat, FROM_TEXT, field),
        new Case(chat, FROM_TOKENS, field),
        new Case(chat, FROM_TEXT, field + ",\"return_token_ids\":true"));
  }

  @ParameterizedTest
  @MethodSource("structured")
  void a_structured_answer_ends_with_one_error(Case request) throws Exception {
    List<FakeModelServer> replicas =
        cutting(request.breaks(), answer(request.chat(), "first", 0), 3);

    String body = ask(request.chat(), request.field());

    assertOneError(body);
    assertThat(request(replicas)).hasSize(1);
  }

  // --- answers that turn out to be more than text

  /// Deltas after which the text is not the whole answer, and the event at which an answer with
  /// them breaks.
  private static Stream<List<String>> answersBeyondText() {
    return Stream.of(
        List.of("{\"reasoning_content\":\"Hmm\"}"),
        List.of("{\"reasoning\":\"Hmm\"}"),
        List.of("{\"reasoning_content\":\"Hmm\"}", "{\"content\":\"So \"}"),
        List.of("{\"reasoning\":\"Hmm\"}", "{\"content\":\"So \"}", "{\"content\":\"it \"}"),
        List.of("{\"content\":\"Well \"}", "{\"reasoning\":\"Hmm\"}"),
        List.of("{\"content\":\"I call \"}", tool("{\\\"ci")),
        List.of(tool("{\\\"ci"), tool("ty\\\":")),
        List.of(tool("{}"), "{\"content\":\"done\"}"),
        List.of("{\"refusal\":\"No\"}"),
        List.of("{\"function_call\":{\"name\":\"f\",\"arguments\":\"{\"}}"));
  }

  private static String tool(String arguments) {
    return "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"" + arguments + "\"}}]}";
  }

  @ParameterizedTest
  @MethodSource("answersBeyondText")
  void an_answer_of_more_than_text_ends_with_one_error(List<String> deltas) throws Exception {
    for (Breaks breaks : List.of(FROM_TEXT, FROM_TOKENS)) {
      List<String> events = new ArrayList<>(answer(true, "first", 0).subList(0, 1));
      for (String delta : deltas) {
        events.add(withIds(delta));
      }
      List<FakeModelServer> replicas = cutting(breaks, events, events.size());

      String body = ask(true, "\"tools\":[],\"max_tokens\":9");

      assertOneError(body);
      assertThat(request(replicas)).hasSize(1);
    }
  }

  private static String withIds(String delta) {
    return chunk(
        true,
        "first",
        "{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":null,\"token_ids\":[7]}",
        ",\"prompt_token_ids\":[1,2]");
  }

  @Test
  void a_second_choice_ends_with_one_error() throws Exception {
    String other = "{\"index\":1,\"delta\":{\"content\":\"Or\"},\"finish_reason\":null}";
    List<FakeModelServer> replicas =
        cutting(FROM_TEXT, List.of(chunk(true, "first", other, "")), 1);

    assertOneError(ask(true, "\"max_tokens\":9"));
    assertThat(request(replicas)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void the_end_mark_follows_the_error_only_for_clients_that_expect_it(boolean chat)
      throws Exception {
    cutting(new Breaks(3, true, false), answer(chat, "first", 0), 3);

    String body = ask(chat, "\"n\":2");

    assertThat(count(body, "\"error\"")).isEqualTo(1);
    assertThat(body).endsWith("\"code\":\"stream_cut\"}}\n\ndata: [DONE]\n\n");
  }

  // --- requests and replicas

  private List<FakeModelServer> cutting(Breaks breaks, List<String> events, int count) {
    FakeModelServer[] replicas = {
      weir.server().byDefault(cutAfter(events, count)),
      weir.server().byDefault(cutAfter(events, count))
    };
    weir.serve(service(arm("1", replicas), List.of(), GatewayFixture.LONG).with(breaks));
    return List.of(replicas);
  }

  private String ask(boolean chat, String field) throws Exception {
    String what =
        chat ? "\"messages\":[{\"role\":\"user\",\"content\":\"Say\"}]" : "\"prompt\":\"Say: \"";
    String body = "{\"model\":\"chat\",\"stream\":true," + what + "," + field + "}";
    return weir.post(chat ? "/v1/chat/completions" : "/v1/completions", body).body();
  }

  private static List<Received> request(List<FakeModelServer> replicas) {
    return replicas.stream().flatMap(replica -> replica.drainReceived().stream()).toList();
  }

  private void assertOneError(String body) throws Exception {
    assertThat(body)
        .endsWith("\"type\":\"upstream_error\",\"param\":null,\"code\":\"stream_cut\"}}\n\n")
        .doesNotContain("[DONE]");
    assertThat(count(body, "\"error\"")).isEqualTo(1);
    CompletedRequest completed = Memory.next(weir.recorder.completed);
    assertThat(completed.failure().map(Failure::kind)).contains(Failure.Kind.CUT);
    assertThat(completed.resumes()).isZero();
  }
}
