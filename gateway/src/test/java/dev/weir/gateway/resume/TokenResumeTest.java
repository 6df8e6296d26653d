// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.resume;

import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.service;
import static dev.weir.gateway.resume.StreamResumeTest.chunk;
import static dev.weir.gateway.resume.StreamResumeTest.count;
import static dev.weir.testkit.FakeModelServer.Script.cutAfter;
import static dev.weir.testkit.FakeModelServer.Script.events;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture;
import dev.weir.snapshot.EngineCapabilities;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Breaks;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.Snapshots;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Received;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The requests to engines and the answers to clients when streams are continued from token ids.
/// [EveryCutTest] checks that answers stay the same byte for byte.
class TokenResumeTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String COMPLETIONS = "/v1/completions";
  private static final String WANTED = ",\"return_token_ids\":true";
  private static final String LIMIT = ",\"max_tokens\":9";

  private final GatewayFixture weir = new GatewayFixture();

  @AfterEach
  void stop() {
    weir.close();
  }

  // --- an engine that answers "a b c" with the tokens 5, 6 and 7, and ends with token 8

  private static String role(String promptIds) {
    return chunk(
        true,
        "first",
        "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}",
        promptIds.isEmpty() ? "" : ",\"prompt_token_ids\":" + promptIds);
  }

  private static String delta(boolean chat, String text, int id, String finish) {
    String inner = chat ? "\"delta\":{\"content\":\"" + text + "\"}" : "\"text\":\"" + text + "\"";
    return chunk(
        chat,
        chat ? "first" : "second",
        "{\"index\":0," + inner + ",\"finish_reason\":" + finish + ",\"token_ids\":[" + id + "]}",
        "");
  }

  private static List<String> firstEvents(String promptIds) {
    return List.of(role(promptIds), delta(true, "a", 5, "null"), delta(true, " b", 6, "null"));
  }

  private static List<String> rest() {
    return List.of(
        delta(false, " c", 7, "null"), delta(false, "", 8, "\"stop\""), "data: [DONE]\n\n");
  }

  private static String ids(int count) {
    return IntStream.range(100_000, 100_000 + count)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(",", "[", "]"));
  }

  private FakeModelServer engine(List<String> firstEvents) {
    return weir.server()
        .byDefault((request, wire) ->
            isContinuation(request)
                ? events(rest()).play(request, wire)
                : cutAfter(firstEvents, firstEvents.size()).play(request, wire));
  }

  private static boolean isContinuation(Received request) {
    return request.target().equals(COMPLETIONS)
        || request.body().contains("continue_final_message");
  }

  private List<FakeModelServer> serve(boolean fromTokens, List<String> firstEvents) {
    List<FakeModelServer> engines = List.of(engine(firstEvents), engine(firstEvents));
    weir.serve(
        service(arm("1", engines.toArray(FakeModelServer[]::new)), List.of(), GatewayFixture.LONG)
            .with(new Breaks(3, false, fromTokens)));
    return engines;
  }

  private static String body(String more) {
    return "{\"model\":\"chat\",\"messages\":[{\"role\":\"user\",\"content\":\"Say\"}],\"stream\":true"
        + more
        + "}";
  }

  private static List<Received> requests(List<FakeModelServer> engines) {
    return engines.stream().flatMap(engine -> engine.drainReceived().stream()).toList();
  }

  private static Received continuation(List<FakeModelServer> engines) {
    return requests(engines).stream()
        .filter(request -> !request.target().equals(CHAT))
        .findFirst()
        .orElseThrow();
  }

  // --- requests to engines

  @Test
  void a_chat_is_continued_as_a_completion_of_all_its_tokens() throws Exception {
    List<FakeModelServer> engines = serve(false, firstEvents("[1,2,3]"));

    String answer = weir.chat(body(WANTED + LIMIT)).body();

    assertThat(continuation(engines).target()).isEqualTo(COMPLETIONS);
    assertThat(answer).contains("\"delta\":{\"content\":\" c\"}").endsWith("data: [DONE]\n\n");
    assertThat(count(answer, "\"role\"")).isEqualTo(1);
    assertThat(count(answer, "\"prompt_token_ids\"")).isEqualTo(1);
    assertThat(count(answer, "\"object\":\"chat.completion.chunk\"")).isEqualTo(5);
    assertThat(count(answer, "\"id\":\"first\"")).isEqualTo(5);
    for (int id = 5; id <= 8; id++) {
      assertThat(count(answer, "\"token_ids\":[" + id + "]")).isEqualTo(1);
    }
  }

  @Test
  void every_sampling_field_is_sent_with_the_continuation() throws Exception {
    List<FakeModelServer> engines = serve(false, firstEvents("[1,2,3]"));
    String sampling =
        "\"temperature\":0.5,\"top_k\":3,\"seed\":7,\"stop_token_ids\":[9],\"logit_bias\":{\"4\":1}";

    weir.chat(
        body(
            WANTED
                + LIMIT
                + ",\"min_tokens\":4,\"tools\":[{\"type\":\"function\"}],\"tool_choice\":\"none\","
                + "\"chat_template_kwargs\":{\"x\":1},\"logprobs\":false,\"truncate_prompt_tokens\":2,"
                + sampling));

    assertThat(continuation(engines).body())
        .isEqualTo(
            "{\"model\":\"chat\",\"stream\":true,\"min_tokens\":2,"
                + sampling
                + ",\"prompt\":[1,2,3,5,6],\"max_tokens\":7,\"return_token_ids\":true}");
  }

  @Test
  void engines_are_asked_for_ids_that_the_client_never_sees() throws Exception {
    List<FakeModelServer> engines = serve(true, firstEvents("[1,2,3]"));

    String answer = weir.chat(body(LIMIT)).body();

    List<Received> requests = requests(engines);
    assertThat(requests)
        .extracting(Received::body)
        .contains("{\"return_token_ids\":true," + body(LIMIT).substring(1))
        .anyMatch(text -> text.contains("\"prompt\":[1,2,3,5,6]"));
    assertThat(answer).doesNotContain("token_ids").endsWith("data: [DONE]\n\n");
  }

  /// Each field would change the answer that ids produce, or does not ask for ids.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        LIMIT + ",\"return_token_ids\":false",
        LIMIT + ",\"tools\":[{\"type\":\"function\"}]",
        LIMIT + ",\"tools\":[{\"type\":\"function\"}],\"tool_choice\":\"auto\"",
        LIMIT + ",\"stop\":\"x\"",
        LIMIT + ",\"mm_processor_kwargs\":{\"fps\":1}"
      })
  void a_request_that_ids_cannot_continue_is_continued_from_text(String more) throws Exception {
    List<FakeModelServer> engines = serve(true, firstEvents(""));

    String answer = weir.chat(body(more)).body();

    assertThat(answer).contains("\" c\"").endsWith("data: [DONE]\n\n");
    assertThat(requests(engines))
        .extracting(Received::body)
        .noneMatch(text -> text.contains("\"return_token_ids\":true"))
        .anyMatch(text -> text.contains("continue_final_message"));
  }

  @Test
  void images_are_not_part_of_a_prompt_of_ids() throws Exception {
    List<FakeModelServer> engines = serve(true, firstEvents(""));
    String image = "[{\"type\":\"text\",\"text\":\"Say\"},{\"type\":\"image_url\"}]";

    weir.chat(body(LIMIT).replace("\"Say\"", image));

    assertThat(requests(engines))
        .extracting(Received::body)
        .noneMatch(text -> text.contains("return_token_ids"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sglang", "llamacpp", "openai"})
  void only_engines_known_to_return_ids_are_asked_for_them(String type) throws Exception {
    FakeModelServer engine = engine(firstEvents(""));
    weir.serve(
        service(
                new Arm(
                    "chat@1", List.of(new ReplicaEntry("chat-1-0", engine.url(), type, "chat"))),
                List.of(),
                GatewayFixture.LONG)
            .with(new Breaks(3, false, true)));

    weir.chat(body(LIMIT));

    assertThat(requests(List.of(engine)))
        .extracting(Received::body)
        .noneMatch(text -> text.contains("return_token_ids"));
  }

  @Test
  void an_unknown_engine_is_asked_for_ids_if_its_profile_names_them() throws Exception {
    List<FakeModelServer> engines =
        List.of(engine(firstEvents("[1,2,3]")), engine(firstEvents("[1,2,3]")));
    weir.serve(
        service(
                Snapshots.described(
                    new Arm(
                        "chat@1",
                        IntStream.range(0, 2)
                            .mapToObj(i ->
                                new ReplicaEntry(
                                    "chat-1-" + i, engines.get(i).url(), "own-engine", "chat"))
                            .toList()),
                    new EngineCapabilities(
                        List.of(CHAT, COMPLETIONS), true, false, true, 0, List.of(), List.of())),
                List.of(),
                GatewayFixture.LONG)
            .with(new Breaks(3, false, true)));

    String answer = weir.chat(body(LIMIT)).body();

    assertThat(continuation(engines).body()).contains("\"prompt\":[1,2,3,5,6]");
    assertThat(answer).contains("\"content\":\" c\"").doesNotContain("token_ids");
    assertThat(answer).endsWith("data: [DONE]\n\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", WANTED})
  void a_client_that_disables_resume_gets_the_error(String ids) throws Exception {
    List<FakeModelServer> engines = serve(true, firstEvents("[1]"));

    String answer = weir.chat(body(LIMIT + ids), "x-weir-resume", "off").body();

    assertThat(answer).contains("stream_cut").doesNotContain("[DONE]");
    assertThat(requests(engines))
        .hasSize(1)
        .first()
        .extracting(Received::body)
        .isEqualTo(body(LIMIT + ids));
  }

  /// A text that is tokenised again cannot reproduce ids that the client already has.
  @ParameterizedTest
  @ValueSource(strings = {"", LIMIT + ",\"tools\":[{}]", LIMIT + ",\"stop\":\"x\""})
  void ids_that_a_client_requests_are_exact_or_the_stream_ends(String more) throws Exception {
    List<FakeModelServer> engines = serve(true, firstEvents("[1]"));

    String answer = weir.chat(body(WANTED + more)).body();

    assertThat(answer).contains("stream_cut").doesNotContain("[DONE]");
    assertThat(requests(engines)).hasSize(1);
  }

  @Test
  void ids_that_an_engine_does_not_return_are_not_invented() throws Exception {
    serve(
        false,
        firstEvents("").stream().map(e -> e.replaceFirst(",\"token_ids\":..]", "")).toList());

    assertThat(weir.chat(body(WANTED + LIMIT)).body())
        .contains("stream_cut")
        .doesNotContain("[DONE]");
  }

  // --- limits

  /// Its ids take more bytes than other data may take before the first token.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_long_prompt_is_continued(boolean hidden) throws Exception {
    List<FakeModelServer> engines = serve(hidden, firstEvents(ids(200_000)));

    String answer = weir.chat(body((hidden ? "" : WANTED) + LIMIT)).body();

    assertThat(answer).endsWith("data: [DONE]\n\n");
    assertThat(continuation(engines).body()).contains(ids(200_000).replace("]", ",5,6]"));
    assertThat(count(answer, "token_ids") > 0).isEqualTo(!hidden);
  }

  @Test
  void a_prompt_that_is_too_long_is_continued_from_text() throws Exception {
    List<FakeModelServer> engines = serve(true, firstEvents(ids(300_000)));

    String answer = weir.chat(body(LIMIT)).body();

    assertThat(answer).doesNotContain("token_ids").endsWith("data: [DONE]\n\n");
    assertThat(requests(engines))
        .extracting(Received::body)
        .anyMatch(text -> text.contains("continue_final_message"));
  }

  @Test
  void a_prompt_that_is_too_long_is_not_continued_when_the_client_requests_ids() throws Exception {
    serve(true, firstEvents(ids(300_000)));

    assertThat(weir.chat(body(WANTED + LIMIT)).body())
        .contains("stream_cut")
        .doesNotContain("[DONE]");
  }

  // --- stop strings across the boundary

  @Test
  void a_stop_string_across_the_seam_ends_the_answer_with_its_ids() throws Exception {
    serve(false, firstEvents("[1,2,3]"));

    String answer =
        weir.chat(
                body(
                    WANTED
                        + LIMIT
                        + ",\"stop\":\"b c\",\"include_stop_str_in_output\":true,"
                        + "\"stream_options\":{\"include_usage\":true}"))
            .body();

    assertThat(answer)
        .contains("\"content\":\" c\"")
        .contains("\"finish_reason\":\"stop\",\"stop_reason\":\"b c\",\"token_ids\":[7]")
        .contains("\"prompt_tokens\":3,\"total_tokens\":6,\"completion_tokens\":3")
        .endsWith("data: [DONE]\n\n");
  }
}
