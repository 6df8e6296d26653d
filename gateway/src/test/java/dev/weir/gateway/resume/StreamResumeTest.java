// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.resume;

import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.service;
import static dev.weir.testkit.FakeModelServer.Script.cutAfter;
import static dev.weir.testkit.FakeModelServer.Script.events;
import static dev.weir.testkit.FakeModelServer.Script.stallAfter;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture;
import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.EngineCapabilities;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Breaks;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Received;
import dev.weir.testkit.FakeModelServer.Script;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Streams cut at every position: the client must get one uninterrupted answer.
class StreamResumeTest {
  private static final List<String> WORDS = List.of("Zwölf ", "\\\"boxers\\\" ", "chase ", "it");
  private static final int PROMPT = 10;

  /// The token that ends an answer, which has no text and is counted.
  private static final int END = 1;

  private final GatewayFixture weir = new GatewayFixture();

  @AfterEach
  void stop() {
    weir.close();
  }

  // --- a model that knows one text and continues it from any position

  static String chunk(boolean chat, String id, String inner, String more) {
    String object = chat ? "chat.completion.chunk" : "text_completion";
    return "data: {\"id\":\"%s\",\"object\":\"%s\",\"created\":17,\"model\":\"chat\",\"choices\":[%s]%s}\n\n"
        .formatted(id, object, inner, more);
  }

  static String choice(boolean chat, String text, String finish) {
    String body = chat ? "\"delta\":{\"content\":\"" + text + "\"}" : "\"text\":\"" + text + "\"";
    return "{\"index\":0," + body + ",\"logprobs\":null,\"finish_reason\":" + finish + "}";
  }

  /// The events of an answer that begins at a word: role, words, finish, usage, end.
  static List<String> answer(boolean chat, String id, int fromWord) {
    return answer(chat, id, fromWord, END);
  }

  /// @param end how many tokens the engine counts for the end of the answer
  private static List<String> answer(boolean chat, String id, int fromWord, int end) {
    List<String> all = new ArrayList<>();
    if (chat) {
      all.add(
          chunk(
              true,
              id,
              "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}",
              ""));
    }
    for (String word : WORDS.subList(fromWord, WORDS.size())) {
      all.add(chunk(chat, id, choice(chat, word, "null"), ",\"usage\":null"));
    }
    all.add(chunk(chat, id, choice(chat, "", "\"stop\""), ",\"usage\":null"));
    int output = WORDS.size() - fromWord + end;
    int prompt = PROMPT + fromWord;
    all.add(
        chunk(
            chat,
            id,
            "",
            ",\"usage\":{\"prompt_tokens\":%d,\"total_tokens\":%d,\"completion_tokens\":%d}"
                .formatted(prompt, prompt + output, output)));
    all.add("data: [DONE]\n\n");
    return all;
  }

  private static String plain(String word) {
    return word.replace("\\\"", "\"");
  }

  /// Continues from the text at the end of the request.
  private static Script continuing(boolean chat) {
    return continuing(chat, END);
  }

  private static Script continuing(boolean chat, int end) {
    return (request, wire) -> {
      String textSoFar = textSoFar(chat, request.body());
      int words = 0;
      String text = "";
      while (words < WORDS.size() && text.length() < textSoFar.length()) {
        text += WORDS.get(words++);
      }
      assertThat(textSoFar).isEqualTo(text);
      return events(answer(chat, "second", words, end)).play(request, wire);
    };
  }

  private static String textSoFar(boolean chat, String body) {
    Pattern pattern =
        chat
            ? Pattern.compile("\\{\"role\":\"assistant\",\"content\":\"(.*?)\"}],")
            : Pattern.compile("\"prompt\":\"Say: (.*?)\",\"");
    return pattern.matcher(body).results().map(m -> m.group(1)).findFirst().orElse("");
  }

  private static String ask(boolean chat) {
    String what =
        chat ? "\"messages\":[{\"role\":\"user\",\"content\":\"Say\"}]" : "\"prompt\":\"Say: \"";
    return "{\"model\":\"chat\","
        + what
        + ",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"max_tokens\":9}";
  }

  private HttpResponse<String> stream(boolean chat, String... headers) throws Exception {
    return weir.post(chat ? "/v1/chat/completions" : "/v1/completions", ask(chat), headers);
  }

  private static String all(String body, String pattern) {
    return Pattern.compile(pattern)
        .matcher(body)
        .results()
        .map(m -> m.group(1))
        .collect(Collectors.joining());
  }

  private static String text(String body) {
    return plain(all(body, "\"(?:content|text)\":\"((?:[^\"\\\\]|\\\\.)*)\""));
  }

  private static List<String> distinct(String body, String pattern) {
    return Pattern.compile(pattern)
        .matcher(body)
        .results()
        .map(m -> m.group(1))
        .distinct()
        .toList();
  }

  static long count(String body, String part) {
    return Pattern.compile(Pattern.quote(part))
        .matcher(body)
        .results()
        .map(MatchResult::start)
        .count();
  }

  // --- the tests

  @Test
  void an_uninterrupted_stream_passes_byte_by_byte() throws Exception {
    List<String> events = answer(true, "first", 0);
    weir.serve(weir.server().byDefault(events(events)));

    HttpResponse<String> response = stream(true);

    assertThat(response.body()).isEqualTo(String.join("", events));
    AttemptEnd end = Memory.next(weir.recorder.attempts);
    assertThat(end.outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(end.ttftMicros()).isPositive();
    assertThat(end.itlMicros()).isNotNegative();
    assertThat(end.outputTokens()).isEqualTo(WORDS.size() + END);
    assertThat(Memory.next(weir.recorder.firstTokens)).isEqualTo(end.ttftMicros());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void events_split_by_the_network_pass_unchanged(boolean chat) throws Exception {
    String whole = String.join("", answer(chat, "first", 0));
    List<String> torn = whole.codePoints().mapToObj(Character::toString).toList();
    weir.serve(weir.server().byDefault(events(torn)));

    assertThat(stream(chat).body()).isEqualTo(whole);
  }

  @ParameterizedTest
  @CsvSource({"true,0", "true,1", "false,0", "false,1"})
  void a_stream_cut_anywhere_is_continued_as_one_stream(boolean chat, int end) throws Exception {
    List<String> events = answer(chat, "first", 0, end);
    String uninterrupted = text(String.join("", events));
    for (int at = 0; at < events.size(); at++) {
      FakeModelServer breaking = weir.server().byDefault(cutAfter(events, at));
      FakeModelServer other = weir.server().byDefault(continuing(chat, end));
      weir.serve(breaking, other);

      String body = untilBroken(chat);

      assertThat(text(body)).as("cut after %d events", at).isEqualTo(uninterrupted);
      assertThat(distinct(body, "\"id\":\"(\\w+)\"")).as("cut after %d", at).hasSize(1);
      assertThat(count(body, "[DONE]")).isEqualTo(1);
      assertThat(count(body, "\"role\"")).isEqualTo(chat ? 1 : 0);
      assertThat(count(body, "\"finish_reason\":\"stop\"")).isEqualTo(1);
      assertThat(count(body, "\"prompt_tokens\":10,"))
          .as("cut after %d: %s", at, body)
          .isEqualTo(1);
      int output = WORDS.size() + end;
      assertThat(count(body, "\"completion_tokens\":" + output))
          .as("cut after %d: %s", at, body)
          .isEqualTo(1);
      assertThat(count(body, "\"total_tokens\":" + (PROMPT + output))).isEqualTo(1);
    }
  }

  /// Sends requests until the breaking replica gets one first (ties are broken at random).
  private String untilBroken(boolean chat) throws Exception {
    while (true) {
      HttpResponse<String> response = stream(chat);
      AttemptEnd first = Memory.next(weir.recorder.attempts);
      boolean broke = first.failure().isPresent();
      CompletedRequest completed = Memory.next(weir.recorder.completed);
      weir.recorder.attempts.clear();
      assertThat(completed.failure()).isEmpty();
      if (broke) {
        assertThat(first.outcome()).isEqualTo(Outcome.FAILURE);
        return response.body();
      }
    }
  }

  /// These engines would take the text so far for an earlier answer, or reject an unknown field.
  @ParameterizedTest
  @ValueSource(strings = {"ollama", "openai"})
  void a_chat_is_not_continued_by_engines_that_cannot_continue_a_message(String engine)
      throws Exception {
    FakeModelServer breaking = weir.server().byDefault(cutAfter(answer(true, "first", 0), 3));
    FakeModelServer other = weir.server().byDefault(cutAfter(answer(true, "first", 0), 3));
    weir.serve(
        service(
            new Arm(
                "chat@1",
                List.of(
                    new ReplicaEntry("chat-1-0", breaking.url(), engine, "chat"),
                    new ReplicaEntry("chat-1-1", other.url(), engine, "chat"))),
            List.of(),
            GatewayFixture.LONG));

    String body = stream(true).body();

    assertThat(body).contains("\"error\"").doesNotContain("[DONE]");
    assertThat(breaking.drainReceived().size() + other.drainReceived().size()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"true,true,true", "true,false,false", "false,true,false"})
  void the_profile_of_an_engine_decides_whether_its_streams_are_continued(
      boolean chat, boolean ofChats, boolean continued) throws Exception {
    FakeModelServer breaking = weir.server().byDefault(cutAfter(answer(chat, "first", 0), 3));
    FakeModelServer other = weir.server().byDefault(continuing(chat));
    EngineCapabilities own =
        new EngineCapabilities(
            List.of("/v1/chat/completions", "/v1/completions"),
            false,
            ofChats,
            false,
            0,
            List.of(),
            List.of());
    weir.serve(
        service(
            Snapshots.described(
                new Arm(
                    "chat@1",
                    List.of(
                        new ReplicaEntry("chat-1-0", breaking.url(), "own-engine", "chat"),
                        new ReplicaEntry("chat-1-1", other.url(), "own-engine", "chat"))),
                own),
            List.of(),
            GatewayFixture.LONG));

    String body = stream(chat).body();
    while (breaking.drainReceived().isEmpty()) {
      body = stream(chat).body();
    }

    assertThat(body.contains("\"error\"")).isEqualTo(!continued);
    assertThat(body.endsWith("data: [DONE]\n\n")).isEqualTo(continued);
  }

  @Test
  void a_continued_stream_is_marked_and_counted() throws Exception {
    FakeModelServer one = weir.server().byDefault(cutAfter(answer(true, "first", 0), 3));
    FakeModelServer three = weir.server().byDefault(continuing(true));
    weir.serve(one, three);

    String answer = rawUntilBroken("te: trailers\r\n");

    assertThat(answer).endsWith("data: [DONE]\n\n\r\n0\r\nx-weir-resumed: 1\r\n\r\n");
    Received continuation =
        three.drainReceived().stream()
            .filter(r -> r.body().contains("continue_final_message"))
            .findFirst()
            .orElseThrow();
    assertThat(continuation.body())
        .contains("\"continue_final_message\":true,\"add_generation_prompt\":false")
        .contains("\"max_tokens\":7");
  }

  @Test
  void a_client_that_accepts_no_trailers_gets_none() throws Exception {
    weir.serve(
        weir.server().byDefault(cutAfter(answer(true, "first", 0), 3)),
        weir.server().byDefault(continuing(true)));

    assertThat(rawUntilBroken("")).endsWith("data: [DONE]\n\n\r\n0\r\n\r\n");
  }

  private String rawUntilBroken(String header) throws Exception {
    String request =
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
            + "authorization: Bearer good\r\ncontent-type: application/json\r\n%scontent-length: %d\r\n\r\n%s"
                .formatted(header, ask(true).length(), ask(true));
    while (true) {
      String answer = weir.raw(request);
      AttemptEnd first = Memory.next(weir.recorder.attempts);
      CompletedRequest completed = Memory.next(weir.recorder.completed);
      weir.recorder.attempts.clear();
      if (first.truncated()) {
        assertThat(first.number()).isEqualTo(1);
        assertThat(first.outcome()).isEqualTo(Outcome.FAILURE);
        assertThat(completed.resumes()).isEqualTo(1);
        return answer;
      }
    }
  }

  @Test
  void a_stream_that_ends_without_a_finish_reason_is_continued() throws Exception {
    List<String> ended = new ArrayList<>(answer(true, "first", 0).subList(0, 3));
    ended.add("data: [DONE]\n\n");
    assertContinued(events(ended));
  }

  @Test
  void a_continuation_that_reaches_no_replica_is_not_counted() throws Exception {
    List<FakeModelServer> mortal = List.of(weir.server(), weir.server(), weir.server());
    for (FakeModelServer one : mortal) {
      one.byDefault((request, wire) -> {
        mortal.stream().filter(other -> other != one).forEach(FakeModelServer::close);
        return cutAfter(answer(true, "first", 0), 2).play(request, wire);
      });
    }
    FakeModelServer well = weir.server().then(stallAfter(List.of(), 0)).byDefault(continuing(true));
    List<ReplicaEntry> replicas = new ArrayList<>();
    replicas.add(new ReplicaEntry("well", well.url(), "vllm", "chat"));
    weir.serve(once(replicas));
    Thread fullest = Thread.startVirtualThread(() -> streamed());
    well.take();
    for (int i = 0; i < mortal.size(); i++) {
      replicas.add(new ReplicaEntry("mortal-" + i, mortal.get(i).url(), "vllm", "chat"));
    }
    weir.serve(once(replicas));

    String body = stream(true).body();

    assertThat(text(body)).isEqualTo(text(String.join("", answer(true, "first", 0))));
    fullest.interrupt();
  }

  private void streamed() {
    try {
      stream(true);
    } catch (Exception e) {
      // the gateway does not wait for it
    }
  }

  private static ServiceEntry once(List<ReplicaEntry> replicas) {
    return service(new Arm("chat@1", replicas), List.of(), GatewayFixture.LONG)
        .with(new Breaks(1, false, false));
  }

  @Test
  void a_stream_that_the_engine_aborts_is_continued() throws Exception {
    List<String> aborted = new ArrayList<>(answer(true, "first", 0).subList(0, 3));
    aborted.add(chunk(true, "first", choice(true, "", "\"abort\""), ""));
    aborted.add("data: [DONE]\n\n");
    assertContinued(events(aborted));
  }

  @Test
  void a_stream_with_an_error_of_the_engine_is_continued() throws Exception {
    List<String> failed = new ArrayList<>(answer(true, "first", 0).subList(0, 3));
    failed.add("data: {\"error\":{\"message\":\"dead\",\"code\":500}}\n\n");
    assertContinued(events(failed));
  }

  @Test
  void a_stream_that_stalls_is_continued() throws Exception {
    assertContinued(stallAfter(answer(true, "first", 0), 3));
  }

  private void assertContinued(Script breaking) throws Exception {
    FakeModelServer one = weir.server().byDefault(breaking);
    FakeModelServer two = weir.server().byDefault(continuing(true));
    Timeouts stall = new Timeouts(5_000, 20_000, 100, 40_000);
    weir.serve(service(arm("1", one, two), List.of(), stall));

    String body = untilBroken(true);

    assertThat(text(body)).isEqualTo(text(String.join("", answer(true, "first", 0))));
    assertThat(body).doesNotContain("abort");
    assertThat(count(body, "[DONE]")).isEqualTo(1);
  }

  // --- stop strings across the boundary

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_stop_string_across_the_seam_ends_the_answer(boolean shown) throws Exception {
    // The words are cut after "chase ". The stop string began before, so the next engine cannot
    // see it.
    String request =
        ask(true)
            .replace(
                "\"max_tokens\"",
                "\"stop\":[\"chase i\",\"x\"],\"include_stop_str_in_output\":%s,\"max_tokens\""
                    .formatted(shown));
    weir.serve(
        weir.server().byDefault(cutAfter(answer(true, "first", 0), 4)),
        weir.server().byDefault(continuing(true)));

    HttpResponse<String> response = weir.chat(request);
    while (!Memory.next(weir.recorder.attempts).truncated()) {
      response = weir.chat(request);
    }

    String body = response.body();
    assertThat(text(body)).isEqualTo("Zwölf \"boxers\" chase " + (shown ? "i" : ""));
    assertThat(body).contains("\"finish_reason\":\"stop\",\"stop_reason\":\"chase i\"");
    assertThat(count(body, "\"finish_reason\":\"stop\"")).isEqualTo(1);
    assertThat(count(body, "\"prompt_tokens\":10,")).isEqualTo(1);
    assertThat(count(body, "\"completion_tokens\":4}")).isEqualTo(1);
    assertThat(body).endsWith("data: [DONE]\n\n");
  }

  // --- what the service allows

  @Test
  void a_stream_is_continued_at_most_as_often_as_its_service_allows() throws Exception {
    FakeModelServer[] breaking = {
      weir.server().byDefault(cutAfter(answer(true, "first", 0), 2)),
      weir.server().byDefault(cutAfter(answer(true, "first", 0), 2)),
      weir.server().byDefault(cutAfter(answer(true, "first", 0), 2))
    };
    weir.serve(
        service(arm("1", breaking), List.of(), GatewayFixture.LONG)
            .with(new Breaks(1, false, false)));

    assertThat(stream(true).body()).contains("stream_cut").doesNotContain("[DONE]");
    assertThat(Memory.next(weir.recorder.completed).resumes()).isEqualTo(1);
    assertThat(weir.recorder.attempts).hasSize(2);
  }

  @Test
  void an_error_event_is_followed_by_the_end_mark_for_clients_that_expect_it() throws Exception {
    FakeModelServer breaking = weir.server().byDefault(cutAfter(answer(true, "first", 0), 2));
    weir.serve(
        service(arm("1", breaking), List.of(), GatewayFixture.LONG)
            .with(new Breaks(0, true, false)));

    assertThat(stream(true).body()).endsWith("\"code\":\"stream_cut\"}}\n\ndata: [DONE]\n\n");
  }

  // --- not eligible

  @Test
  void a_stream_that_may_not_be_continued_ends_with_an_error_event() throws Exception {
    List<String> begun = answer(true, "first", 0).subList(0, 3);
    weir.serve(
        weir.server().byDefault(cutAfter(begun, 3)), weir.server().byDefault(cutAfter(begun, 3)));

    HttpResponse<String> response = stream(true, "x-weir-resume", "off");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body())
        .startsWith(String.join("", begun))
        .endsWith(
            "data: {\"error\":{\"message\":\"a replica's answer stopped midway\","
                + "\"type\":\"upstream_error\",\"param\":null,\"code\":\"stream_cut\"}}\n\n")
        .doesNotContain("[DONE]");
    CompletedRequest completed = Memory.next(weir.recorder.completed);
    assertThat(completed.failure().map(Failure::kind)).contains(Failure.Kind.CUT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"n\":2",
        "\"logprobs\":true",
        "\"response_format\":{\"type\":\"json_object\"}",
        "\"tool_choice\":\"required\""
      })
  void structured_answers_are_never_continued(String field) throws Exception {
    List<String> begun = answer(true, "first", 0).subList(0, 3);
    weir.serve(
        weir.server().byDefault(cutAfter(begun, 3)), weir.server().byDefault(cutAfter(begun, 3)));

    HttpResponse<String> response =
        weir.chat(ask(true).replace("\"stream\":true", "\"stream\":true," + field));

    assertThat(response.body()).contains("stream_cut");
  }

  @Test
  void a_tool_call_in_progress_is_never_continued() throws Exception {
    List<String> begun =
        List.of(
            chunk(
                true,
                "first",
                "{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\"}}]},\"finish_reason\":null}",
                ""));
    weir.serve(
        weir.server().byDefault(cutAfter(begun, 1)), weir.server().byDefault(cutAfter(begun, 1)));

    assertThat(stream(true).body()).contains("tool_calls").contains("stream_cut");
  }

  @Test
  void anthropic_streams_end_with_their_own_error_event() throws Exception {
    List<String> begun =
        List.of(
            """
            event: content_block_delta
            data: {"type":"content_block_delta","delta":{}}

            """);
    weir.serve(weir.server().byDefault(cutAfter(begun, 1)));

    HttpResponse<String> response =
        weir.post("/v1/messages", "{\"model\":\"chat\",\"stream\":true}");

    assertThat(response.body())
        .startsWith(begun.getFirst())
        .contains("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\"");
  }
}
