// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.resume;

import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.service;
import static dev.weir.gateway.resume.StreamResumeTest.answer;
import static dev.weir.gateway.resume.StreamResumeTest.chunk;
import static dev.weir.gateway.resume.StreamResumeTest.count;
import static dev.weir.testkit.FakeModelServer.Script.cutAfter;
import static dev.weir.testkit.FakeModelServer.Script.events;
import static dev.weir.testkit.FakeModelServer.Script.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture;
import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.balance.ContinuationSupport;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.Breaks;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Received;
import dev.weir.testkit.FakeModelServer.Script;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Engines that refuse fields that the gateway added to a request. The client did not send them, so
/// the refusal is not a client error.
class RefusedContinuationTest {
  private static final String REFUSAL =
      "{\"error\":{\"message\":\"unknown field\",\"type\":\"BadRequestError\",\"code\":400}}";
  private static final Breaks FROM_TEXT = new Breaks(3, false, false);
  private static final Breaks FROM_TOKENS = new Breaks(3, false, true);

  private final GatewayFixture weir = new GatewayFixture();

  @AfterEach
  void stop() {
    weir.close();
  }

  // --- engines that break streams, and their answers to a continuation

  private List<FakeModelServer> serve(Breaks breaks, List<String> begun, Script toContinuation) {
    List<FakeModelServer> engines =
        Stream.generate(weir::server)
            .limit(3)
            .map(engine ->
                engine.byDefault((request, wire) ->
                    (isContinuation(request) ? toContinuation : cutAfter(begun, begun.size()))
                        .play(request, wire)))
            .toList();
    weir.serve(
        service(arm("1", engines.toArray(FakeModelServer[]::new)), List.of(), GatewayFixture.LONG)
            .with(breaks));
    return engines;
  }

  private static boolean isContinuation(Received request) {
    return isFromText(request) || isFromIds(request);
  }

  private static boolean isFromText(Received request) {
    return request.body().contains("continue_final_message")
        || request.body().contains("\"prompt\":\"Say: Zw");
  }

  private static boolean isFromIds(Received request) {
    return request.body().contains("\"prompt\":[");
  }

  private static List<Received> requests(List<FakeModelServer> engines) {
    return engines.stream().flatMap(engine -> engine.drainReceived().stream()).toList();
  }

  private static List<String> text(boolean chat) {
    return answer(chat, "first", 0).subList(0, 3);
  }

  private String stream(boolean chat) throws Exception {
    String what =
        chat ? "\"messages\":[{\"role\":\"user\",\"content\":\"Say\"}]" : "\"prompt\":\"Say: \"";
    String body = "{\"model\":\"chat\",\"stream\":true,\"max_tokens\":9," + what + "}";
    return weir.post(chat ? "/v1/chat/completions" : "/v1/completions", body).body();
  }

  private static void assertCut(String answer) {
    assertThat(answer)
        .contains("\"type\":\"upstream_error\",\"param\":null,\"code\":\"stream_cut\"}}\n\n")
        .doesNotContain("invalid_request_error", "[DONE]");
    assertThat(count(answer, "\"error\"")).isEqualTo(1);
  }

  // --- what the client gets and what is recorded

  @ParameterizedTest
  @CsvSource({
    "400,true",
    "404,true",
    "405,true",
    "422,true",
    "501,true",
    "401,true",
    "413,true",
    "400,false"
  })
  void a_refused_continuation_is_a_cut_stream_and_not_a_client_error(int status, boolean chat)
      throws Exception {
    List<FakeModelServer> engines = serve(FROM_TEXT, text(chat), json(status, REFUSAL));

    assertCut(stream(chat));

    AttemptEnd first = Memory.next(weir.recorder.attempts);
    AttemptEnd second = Memory.next(weir.recorder.attempts);
    assertThat(first.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(first.truncated()).isTrue();
    assertThat(second.outcome()).isEqualTo(Outcome.NEUTRAL);
    assertThat(second.truncated()).isFalse();
    assertThat(second.failure().orElseThrow().message()).contains(Integer.toString(status));
    assertThat(second.failure().orElseThrow().kind().attribution())
        .isEqualTo(Failure.Attribution.GATEWAY);
    CompletedRequest completed = Memory.next(weir.recorder.completed);
    assertThat(completed.failure().map(Failure::kind)).contains(Failure.Kind.CUT);
    assertThat(requests(engines)).hasSize(2);
  }

  @Test
  void a_refusal_in_the_first_event_is_a_refused_continuation_too() throws Exception {
    serve(FROM_TEXT, text(true), events(List.of("data: " + REFUSAL + "\n\n", "data: [DONE]\n\n")));

    assertCut(stream(true));

    Memory.next(weir.recorder.attempts);
    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.NEUTRAL);
    assertThat(weir.recorder.attempts).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503})
  void after_an_engine_that_fails_or_is_full_another_one_is_tried(int status) throws Exception {
    List<FakeModelServer> engines = serve(FROM_TEXT, text(true), json(status, REFUSAL));

    assertThat(stream(true)).contains("\"error\"").doesNotContain("invalid_request_error");

    assertThat(requests(engines)).hasSize(3);
  }

  // --- what the gateway caches

  private static Stream<Script> lasting() {
    return Stream.of(
        json(400, REFUSAL), json(404, REFUSAL), json(405, ""), json(422, ""), json(501, ""));
  }

  @ParameterizedTest
  @MethodSource("lasting")
  void after_a_refusal_the_next_broken_stream_ends_at_once_for_a_while(Script refusal)
      throws Exception {
    List<FakeModelServer> engines = serve(FROM_TEXT, text(true), refusal);
    stream(true);
    requests(engines);

    assertCut(stream(true));
    assertThat(requests(engines)).hasSize(1);

    weir.skip(Duration.ofNanos(ContinuationSupport.FORGET_NANOS));
    weir.reconnect();
    assertCut(stream(true));
    assertThat(requests(engines)).hasSize(2);
  }

  @Test
  void another_kind_of_continuation_is_not_affected() throws Exception {
    List<FakeModelServer> engines = serve(FROM_TEXT, text(true), json(400, REFUSAL));
    stream(true);
    requests(engines);

    stream(false);

    assertThat(requests(engines)).hasSize(2);
  }

  @Test
  void another_version_is_not_affected() throws Exception {
    List<FakeModelServer> engines = serve(FROM_TEXT, text(true), json(400, REFUSAL));
    stream(true);
    requests(engines);
    weir.serve(
        service(arm("2", engines.toArray(FakeModelServer[]::new)), List.of(), GatewayFixture.LONG)
            .with(FROM_TEXT));

    stream(true);

    assertThat(requests(engines)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"401", "413", "400"})
  void a_refusal_that_concerns_one_request_is_not_remembered(String status) throws Exception {
    String tooLong =
        "{\"error\":{\"message\":\"This model's maximum context length is 10"
            + " tokens\",\"code\":400}}";
    List<FakeModelServer> engines =
        serve(FROM_TEXT, text(true), json(Integer.parseInt(status), tooLong));
    stream(true);
    requests(engines);

    assertCut(stream(true));

    assertThat(requests(engines)).hasSize(2);
  }

  // --- token ids

  private static List<String> withIds() {
    return List.of(
        chunk(
            true,
            "first",
            "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}",
            ",\"prompt_token_ids\":[1,2]"),
        chunk(
            true,
            "first",
            "{\"index\":0,\"delta\":{\"content\":\"Zw\"},\"finish_reason\":null,\"token_ids\":[5]}",
            ""));
  }

  @Test
  void an_engine_that_takes_no_ids_continues_from_text() throws Exception {
    Script textOnly =
        (request, wire) ->
            (isFromIds(request) ? json(400, REFUSAL) : events(answer(true, "second", 2)))
                .play(request, wire);
    List<FakeModelServer> engines = serve(FROM_TOKENS, withIds(), textOnly);

    assertThat(stream(true)).endsWith("data: [DONE]\n\n");
    assertThat(requests(engines)).hasSize(3);

    assertThat(stream(true)).endsWith("data: [DONE]\n\n");
    assertThat(requests(engines)).hasSize(2).noneMatch(RefusedContinuationTest::isFromIds);
  }

  /// The gateway added the field, so the client gets its answer without it.
  @Test
  void an_engine_that_refuses_to_return_ids_gets_the_request_without_them() throws Exception {
    List<String> whole = answer(true, "first", 0);
    FakeModelServer engine =
        weir.server()
            .byDefault((request, wire) ->
                (request.body().contains("return_token_ids")
                        ? json(400, "{\"detail\":\"extra field return_token_ids not permitted\"}")
                        : events(whole))
                    .play(request, wire));
    weir.serve(service(arm("1", engine), List.of(), GatewayFixture.LONG).with(FROM_TOKENS));

    assertThat(stream(true)).isEqualTo(String.join("", whole));
    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.NEUTRAL);
    assertThat(requests(List.of(engine))).hasSize(2);

    assertThat(stream(true)).isEqualTo(String.join("", whole));
    assertThat(requests(List.of(engine))).hasSize(1);
  }

  @Test
  void a_refusal_for_another_reason_goes_to_the_client() throws Exception {
    FakeModelServer engine = weir.server().byDefault(json(400, REFUSAL));
    weir.serve(service(arm("1", engine), List.of(), GatewayFixture.LONG).with(FROM_TOKENS));

    assertThat(stream(true)).isEqualTo(REFUSAL);
    assertThat(requests(List.of(engine))).hasSize(1);
  }
}
