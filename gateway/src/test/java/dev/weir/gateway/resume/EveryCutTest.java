// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.resume;

import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture;
import dev.weir.simulator.SimOptions;
import dev.weir.simulator.SimServer;
import dev.weir.simulator.answer.AnswerLimits;
import dev.weir.simulator.answer.AnswerOracle;
import dev.weir.simulator.answer.AnswerOracle.Expected;
import dev.weir.simulator.answer.ChatMessage;
import dev.weir.snapshot.RoutingSnapshot.Breaks;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Received;
import dev.weir.testkit.FakeModelServer.Wire;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Greedy streams of a simulated engine, cut after every event, in every way, on real sockets. The
/// client must get, byte for byte, the answer of an engine that does not fail.
///
/// All replicas forward the events of one simulated engine; each request takes the next cut. Every
/// leg has its own id and time, as it would from separate processes.
class EveryCutTest {
  private static final Timeouts SHORT_STALL = new Timeouts(5_000, 20_000, 80, 40_000);

  /// Every replica breaks its streams all the time.
  private static final Isolation NO_BREAKER = new Isolation(1_000_000, 1, 0, 100, 4_096);

  private static final int REPLICAS = 4;
  private static final int WORD = 5;

  private static SimServer engine;
  private static HttpClient http;

  private final GatewayFixture weir = new GatewayFixture();
  private final Queue<Cut> cuts = new ArrayDeque<>();
  private int legs;
  private int fromIds;
  private int fromText;

  @BeforeAll
  static void start() {
    engine =
        SimServer.start(
            SimOptions.parse(
                "--port", "0", "--model", "chat", "--time-scale", "1000", "--latency-spread", "0"));
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterAll
  static void stop() {
    http.close();
    engine.close();
  }

  @AfterEach
  void close() {
    weir.close();
  }

  /// How a replica breaks a stream.
  private enum BreakKind {
    RST,
    FIN,
    STALL,
    GARBAGE_EVENT,
    GARBAGE_LINE,
    GARBAGE_CHUNK;

    void play(Wire wire) throws IOException {
      switch (this) {
        case RST -> wire.reset();
        case FIN -> wire.closeGracefully();
        case STALL -> wire.awaitClose();
        case GARBAGE_EVENT -> wire.chunk("data: {\"id\": \u0001\ufffd}}\n\n");
        case GARBAGE_LINE -> wire.chunk("\u0007\ufffd\ufffd%%\n\n");
        case GARBAGE_CHUNK -> wire.raw("\u0000\ufffd no chunk\r\n");
      }
    }
  }

  /// After how many events a replica breaks a stream, and how.
  private record Cut(int events, BreakKind kind) {}

  /// The source from which streams are continued.
  enum From {
    TEXT,
    /// Token ids that the client asked for.
    IDS_REQUESTED,
    /// Token ids that the gateway asks for, and the client never sees.
    IDS_HIDDEN,
    /// Text, because the engine returns none of the ids that the gateway asks for.
    IDS_UNSUPPORTED
  }

  /// A request: its fields except `model` and `stream`.
  record Case(From from, String path, String body) {
    String json() {
      String ids = from == From.IDS_REQUESTED ? ",\"return_token_ids\":true" : "";
      return "{\"model\":\"chat\",\"stream\":true,\"temperature\":0," + body + ids + "}";
    }

    /// For text that could become a stop string the ids arrive before the text.
    boolean byIds() {
      boolean allShown = !body.contains("\"stop\"") || body.contains("include_stop");
      return from == From.IDS_REQUESTED || (from == From.IDS_HIDDEN && allShown);
    }

    /// Only the engine that found a stop string knows how many tokens it took. A cut between the
    /// end of the answer and its usage, the last two events, loses the exact count.
    boolean countIsLost(int eventsMissing) {
      return eventsMissing == 2
          && !byIds()
          && body.contains("\"stop\"")
          && body.contains("include_usage");
    }
  }

  // --- the requests

  private static Stream<Case> cases() {
    return Stream.of(From.values())
        .flatMap(from ->
            Stream.of("", ",\"stream_options\":{\"include_usage\":true}")
                .flatMap(usage -> Stream.concat(chat(from, usage), completions(from, usage))));
  }

  private static Stream<Case> chat(From from, String usage) {
    String question = shortest("Question ", EveryCutTest::chatAnswer);
    String fields = "\"messages\":[{\"role\":\"user\",\"content\":\"" + question + "\"}]" + usage;
    return limits(from, chatAnswer(question).text())
        .map(limit -> new Case(from, "/v1/chat/completions", fields + limit));
  }

  private static Stream<Case> completions(From from, String usage) {
    String prompt = shortest("Prompt ", EveryCutTest::textAnswer);
    String fields = "\"prompt\":\"" + prompt + "\"" + usage;
    Stream<Case> limited =
        limits(from, textAnswer(prompt).text())
            .map(limit -> new Case(from, "/v1/completions", fields + limit));
    return from == From.TEXT ? Stream.concat(limited, Stream.of(unlimited(usage))) : limited;
  }

  /// An answer that the engine ends by itself at the sixteenth token.
  private static Case unlimited(String usage) {
    String prompt = first("Prompt ", EveryCutTest::textAnswer, 40);
    return new Case(From.TEXT, "/v1/completions", "\"prompt\":\"" + prompt + "\"" + usage);
  }

  /// The answer ends by itself, at a token limit, or at a stop string that covers the end of the
  /// fifth word and the whole sixth word. The engine then holds back exactly one word.
  private static Stream<String> limits(From from, String answer) {
    String end = answer.substring(5 * WORD - 1, 6 * WORD);
    String stop = ",\"max_tokens\":40,\"stop\":[\"%s\"]".formatted(end);
    return switch (from) {
      case TEXT, IDS_HIDDEN -> Stream.of(",\"max_tokens\":40", ",\"max_tokens\":5", stop);
      case IDS_REQUESTED -> Stream.of(",\"max_tokens\":40", ",\"max_tokens\":5");
      case IDS_UNSUPPORTED -> Stream.of(",\"max_tokens\":5");
    };
  }

  private static Expected chatAnswer(String question) {
    return AnswerOracle.chat(
        "1", 0, List.of(new ChatMessage("user", question)), AnswerLimits.of(1000));
  }

  private static Expected textAnswer(String prompt) {
    return AnswerOracle.completion("1", 0, prompt, AnswerLimits.of(1000));
  }

  /// The first question of its kind whose whole answer is eight tokens.
  private static String shortest(String start, Function<String, Expected> oracle) {
    return first(start, oracle, 8);
  }

  private static String first(String start, Function<String, Expected> oracle, int tokens) {
    return IntStream.range(0, 10_000)
        .mapToObj(i -> start + i + '.')
        .filter(text -> oracle.apply(text).completionTokens() == tokens)
        .findFirst()
        .orElseThrow();
  }

  // --- the tests

  @ParameterizedTest
  @MethodSource("cases")
  void a_stream_cut_anywhere_equals_the_uninterrupted_one(Case request) throws Exception {
    serve(request.from());
    List<String> whole = events(request.path(), request.json(), 1);

    for (BreakKind kind : BreakKind.values()) {
      for (int at = firstCut(kind, whole); at <= whole.size(); at++) {
        if (!request.countIsLost(whole.size() - at)) {
          assertUninterrupted(request, whole, new Cut(at, kind));
        }
      }
    }
    assertThat(fromIds > 0).as("%s", request).isEqualTo(request.byIds());
    assertThat(fromText > 0).as("%s", request).isEqualTo(!request.byIds());
  }

  /// A stall before the first token would end only at the first-token timeout, which is long.
  private static int firstCut(BreakKind kind, List<String> whole) {
    return kind != BreakKind.STALL ? 0 : whole.getFirst().contains("\"role\"") ? 2 : 1;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_stream_cut_repeatedly_equals_the_uninterrupted_one(Case request) throws Exception {
    serve(request.from());
    List<String> whole = events(request.path(), request.json(), 1);

    for (int at = 1; at <= 4 && !request.countIsLost(2); at++) {
      assertUninterrupted(
          request,
          whole,
          new Cut(at, BreakKind.RST),
          new Cut(at, BreakKind.FIN),
          new Cut(2, BreakKind.GARBAGE_EVENT));
    }
  }

  private void assertUninterrupted(Case request, List<String> whole, Cut... cutsToMake)
      throws Exception {
    cuts.addAll(List.of(cutsToMake));
    legs = 0;

    String body = weir.post(request.path(), request.json(), "x-request-id", "r").body();
    assertThat(body.contains("token_ids")).isEqualTo(request.from() == From.IDS_REQUESTED);

    // An attempt that broke before its first token was replaced silently by another leg.
    String leg = body.replaceFirst("(?s).*?-r(\\d+)\".*", "$1");
    assertThat(leg).as("%s %s", request, List.of(cutsToMake)).matches("[1-4]");
    assertThat(body)
        .as("%s %s", request, List.of(cutsToMake))
        .isEqualTo(String.join("", events(whole, Integer.parseInt(leg))));
    cuts.clear();
  }

  // --- the replicas

  private void serve(From from) {
    boolean idsReturned = from != From.IDS_UNSUPPORTED;
    FakeModelServer[] replicas =
        IntStream.range(0, REPLICAS)
            .mapToObj(
                _ -> weir.server().byDefault((request, wire) -> play(request, idsReturned, wire)))
            .toArray(FakeModelServer[]::new);
    Breaks breaks = new Breaks(3, false, from == From.IDS_HIDDEN || from == From.IDS_UNSUPPORTED);
    weir.serve(service(arm("1", replicas), List.of(), SHORT_STALL).with(NO_BREAKER).with(breaks));
  }

  private boolean play(Received request, boolean idsReturned, Wire wire)
      throws IOException, InterruptedException {
    String body = request.body();
    if (body.contains("\"prompt\":[")) {
      fromIds++;
    } else if (legs > 0) {
      fromText += body.contains("continue_final_message") || !body.contains(".\"") ? 1 : 0;
    }
    String sent = idsReturned ? body : body.replace("\"return_token_ids\":true,", "");
    List<String> events = events(request.target(), sent, ++legs);
    Cut cut = cuts.poll();
    wire.beginEvents();
    if (cut == null || cut.events() > events.size()) {
      for (String event : events) {
        wire.chunk(event);
      }
      wire.endChunks();
      return true;
    }
    for (String event : events.subList(0, cut.events())) {
      wire.chunk(event);
    }
    cut.kind().play(wire);
    wire.awaitClose();
    return false;
  }

  /// The engine's answer as one leg sends it.
  private static List<String> events(String path, String body, int leg)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(engine.baseUrl() + path))
            .header("x-request-id", "r")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    String answer = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    assertThat(answer).as(body).contains("[DONE]");
    return events(List.of(answer.split("(?<=\n\n)", 0)), leg);
  }

  private static List<String> events(List<String> events, int leg) {
    return events.stream()
        .map(event -> event.replaceFirst("-r\\d*\"", "-r" + leg + "\""))
        .map(event -> event.replaceFirst("\"created\":\\d+", "\"created\":" + leg))
        .toList();
  }
}
