// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.gateway.ChatAnswers.stream;
import static dev.weir.gateway.ChatAnswers.whole;
import static dev.weir.gateway.GatewayFixture.LONG;
import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.canary;
import static dev.weir.gateway.GatewayFixture.service;
import static dev.weir.testkit.FakeModelServer.Script.cutAfter;
import static dev.weir.testkit.FakeModelServer.Script.events;
import static dev.weir.testkit.FakeModelServer.Script.json;
import static dev.weir.testkit.FakeModelServer.Script.silence;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.simulator.SimOptions;
import dev.weir.simulator.SimServer;
import dev.weir.snapshot.RequestSource;
import dev.weir.snapshot.RoutingSnapshot.Admission;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Backend;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import dev.weir.snapshot.RoutingSnapshot.Grading;
import dev.weir.snapshot.RoutingSnapshot.Limits;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Received;
import dev.weir.testkit.FakeModelServer.Script;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The judge grades answers of a release, on real sockets.
@Timeout(120)
class GradingTest {
  private static final int ALL = 1_000_000;
  private static final int HALF = 500_000;
  private static final Grading RULES = new Grading("default/judge", ALL, "", 12, 60_000);
  private static final String ASK =
      "{\"model\":\"chat\",\"messages\":[{\"role\":\"user\",\"content\":\"Where is Oslo?\"}]}";
  private static final String STREAMED =
      ASK.replace("\"messages\"", "\"stream\":true,\"messages\"");
  private static final Script ANSWER =
      (request, wire) ->
          (request.body().contains("\"stream\":true")
                  ? events(stream("In Nor", "way."))
                  : json(200, whole("In Norway.")))
              .play(request, wire);

  private final GatewayFixture weir = new GatewayFixture();
  private final FakeModelServer stable = weir.server().byDefault(ANSWER);
  private final FakeModelServer next = weir.server().byDefault(ANSWER);
  private final FakeModelServer judge = weir.server().byDefault(json(200, whole("8")));

  @AfterEach
  void close() {
    weir.close();
  }

  private static ServiceEntry judging(FakeModelServer... servers) {
    List<ReplicaEntry> replicas = new ArrayList<>();
    for (int i = 0; i < servers.length; i++) {
      replicas.add(new ReplicaEntry("judge-1-" + i, servers[i].url(), "vllm", "big-judge"));
    }
    return new ServiceEntry(
        "default/judge",
        "default",
        "judge",
        new Arm("judge@1", replicas),
        List.of(),
        LONG,
        20,
        3,
        true,
        "");
  }

  private ServiceEntry chat(CanaryArm canary) {
    return service(arm("1", stable), List.of(canary), LONG);
  }

  private void serve(Grading rules) {
    serve(canary(HALF, next).graded(rules), judging(judge));
  }

  private void serve(CanaryArm canary, ServiceEntry... others) {
    List<ServiceEntry> services = new ArrayList<>(List.of(others));
    services.add(chat(canary));
    weir.serve(
        List.of(
            new RouteEntry("chat", "default", List.of(new Backend("default/chat", 1))),
            new RouteEntry("judge", "default", List.of(new Backend("default/judge", 1)))),
        services.toArray(ServiceEntry[]::new));
  }

  private long count(String result) {
    return Objects.requireNonNull(weir.gateway.graded().get(result)).getAsLong();
  }

  /// Gradings are asynchronous: each poll is a request that the loop answers between them.
  private void await(BooleanSupplier what) throws Exception {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!what.getAsBoolean() && System.nanoTime() < until) {
      weir.get("/health");
    }
    assertThat(what.getAsBoolean()).isTrue();
  }

  private void ask(int times) throws Exception {
    for (int i = 0; i < times; i++) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    }
  }

  private static JsonNode body(Received gradingRequest) {
    return JsonMapper.shared().readTree(gradingRequest.body());
  }

  private static String material(Received gradingRequest) {
    return body(gradingRequest)
        .at("/messages/1/content")
        .asString()
        .replaceAll("[0-9a-f]{16}", "T");
  }

  private static String judgeInput(String question, String answer) {
    return "[QUESTION T]\n%s\n[END OF QUESTION T]\n\n[ANSWER T]\n%s\n[END OF ANSWER T]"
        .formatted(question, answer);
  }

  static Stream<Arguments> dialects() {
    String anthropic =
        "{\"model\":\"chat\",\"max_tokens\":9,\"system\":\"Be brief.\",\"messages\":"
            + "[{\"role\":\"user\",\"content\":\"Where is Oslo?\"}]}";
    String anthropicAsks = "system: Be brief.\n\nuser: Where is Oslo?";
    return Stream.of(
        Arguments.of("/v1/chat/completions", ASK, ANSWER, "user: Where is Oslo?", "In Norway."),
        Arguments.of(
            "/v1/chat/completions", STREAMED, ANSWER, "user: Where is Oslo?", "In Norway."),
        Arguments.of(
            "/v1/chat/completions",
            ASK,
            json(
                200,
                "{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[{\"function\":"
                    + "{\"name\":\"map\",\"arguments\":\"{\\\"of\\\":1}\"}}]},"
                    + "\"finish_reason\":\"tool_calls\"}]}"),
            "user: Where is Oslo?",
            "[call map] {\"of\":1}"),
        Arguments.of(
            "/v1/chat/completions",
            STREAMED,
            events(
                List.of(
                    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":"
                        + "{\"name\":\"map\",\"arguments\":\"{\"}}]}}]}\n\n",
                    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":"
                        + "{\"arguments\":\"}\"}}]}}]}\n\n",
                    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n",
                    "data: [DONE]\n\n")),
            "user: Where is Oslo?",
            "[call map] {}"),
        Arguments.of(
            "/v1/chat/completions",
            ASK,
            json(200, whole("")),
            "user: Where is Oslo?",
            "(The answer is empty.)"),
        Arguments.of(
            "/v1/completions",
            "{\"model\":\"chat\",\"prompt\":\"Oslo is\"}",
            json(200, "{\"choices\":[{\"text\":\" in Norway\",\"finish_reason\":\"stop\"}]}"),
            "Oslo is",
            " in Norway"),
        Arguments.of(
            "/v1/messages",
            anthropic,
            json(
                200,
                "{\"content\":[{\"type\":\"text\",\"text\":\"In Norway.\"}],"
                    + "\"stop_reason\":\"end_turn\"}"),
            anthropicAsks,
            "In Norway."),
        Arguments.of(
            "/v1/messages",
            anthropic.replace("{\"model\"", "{\"stream\":true,\"model\""),
            events(
                List.of(
                    "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"In Nor\"}}\n\n",
                    "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"way.\"}}\n\n",
                    "data: {\"type\":\"message_stop\"}\n\n")),
            anthropicAsks,
            "In Norway."),
        Arguments.of(
            "/v1/responses",
            "{\"model\":\"chat\",\"input\":\"Where is Oslo?\"}",
            json(
                200,
                "{\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\","
                    + "\"text\":\"In Norway.\"}]}]}"),
            "user: Where is Oslo?",
            "In Norway."));
  }

  @Test
  void a_client_that_opts_out_of_records_is_not_graded() throws Exception {
    serve(RULES);
    assertThat(weir.chat(ASK, "x-weir-no-record", "1").statusCode()).isEqualTo(200);
    assertThat(Memory.next(weir.recorder.arrivals).graded()).isFalse();
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    assertThat(Memory.next(weir.recorder.arrivals).graded()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("dialects")
  void the_judge_grades_the_answer_and_the_record_gets_the_grade(
      String path, String ask, Script answer, String question, String answerText) throws Exception {
    serve(RULES);
    stable.byDefault(answer);
    next.byDefault(answer);
    assertThat(weir.post(path, ask).statusCode()).isEqualTo(200);
    assertThat(Memory.next(weir.recorder.arrivals).graded()).isTrue();
    Received gradingRequest = judge.take();
    assertThat(gradingRequest.target()).isEqualTo("/v1/chat/completions");
    assertThat(gradingRequest.headers())
        .containsEntry("x-weir-generated", "grading")
        .doesNotContainKey("authorization");
    assertThat(body(gradingRequest).path("model").asString()).isEqualTo("big-judge");
    assertThat(body(gradingRequest).path("max_tokens").asInt()).isEqualTo(12);
    assertThat(body(gradingRequest).path("temperature").asInt(-1)).isZero();
    assertThat(body(gradingRequest).path("stream").asBoolean(false)).isFalse();
    assertThat(material(gradingRequest)).isEqualTo(judgeInput(question, answerText));
    assertThat(Memory.next(weir.recorder.graded)).isEqualTo(800);
    assertThat(count("graded")).isEqualTo(1);
  }

  @Test
  void the_judge_does_not_learn_which_version_or_replica_answered() throws Exception {
    serve(RULES);
    ask(20);
    Map<String, Integer> prompts = new HashMap<>();
    for (int i = 0; i < 20; i++) {
      Received gradingRequest = judge.take();
      assertThat(gradingRequest.body() + gradingRequest.headers())
          .doesNotContainIgnoringCase("chat@")
          .doesNotContainIgnoringCase("chat-1")
          .doesNotContainIgnoringCase("chat-2")
          .doesNotContainIgnoringCase("canary");
      prompts.merge(gradingRequest.body().replaceAll("[0-9a-f]{16}", "T"), 1, Integer::sum);
    }
    assertThat(weir.recorder.attempts)
        .extracting(end -> end.version())
        .contains("chat@1", "chat@2");
    assertThat(prompts).as("the same text for both versions").hasSize(1);
  }

  @Test
  void both_halves_of_a_mirrored_request_are_graded() throws Exception {
    serve(canary(0, next).shadowing(ALL).graded(RULES), judging(judge));
    next.byDefault(json(200, whole("In Sweden.")));
    judge.byDefault((request, wire) ->
        json(200, whole(request.body().contains("Sweden") ? "2" : "9")).play(request, wire));
    ask(1);
    assertThat(Memory.next(weir.recorder.graded)).isEqualTo(900);
    assertThat(Memory.next(weir.recorder.copiesGraded)).isEqualTo(200);
    assertThat(judge.drainReceived())
        .extracting(GradingTest::material)
        .containsExactlyInAnyOrder(
            judgeInput("user: Where is Oslo?", "In Norway."),
            judgeInput("user: Where is Oslo?", "In Sweden."));
  }

  @Test
  void generated_requests_are_graded() throws Exception {
    var probes = new Generated(RequestSource.PROBES, 50_000, false, List.of("Where is Oslo?"), 16);
    serve(canary(10_000, next).generating(probes).graded(RULES), judging(judge));
    assertThat(Memory.next(weir.recorder.generatedGraded)).isEqualTo(800);
    assertThat(Memory.next(weir.recorder.generated).graded()).isTrue();
    assertThat(material(judge.take())).isEqualTo(judgeInput("user: Where is Oslo?", "In Norway."));
  }

  @Test
  void a_share_of_0_grades_nothing_and_a_half_grades_about_half_of_each_version() throws Exception {
    serve(new Grading("default/judge", 0, "", 12, 60_000));
    ask(10);
    assertThat(weir.recorder.arrivals).hasSize(10).noneMatch(AdmittedRequest::graded);
    weir.recorder.arrivals.clear();
    serve(new Grading("default/judge", HALF, "", 12, 60_000));
    ask(120);
    // With 60 requests and equal shares, fewer than 12 has a chance below 1e-6.
    for (boolean toCanary : List.of(true, false)) {
      assertThat(
              weir.recorder.arrivals.stream()
                  .filter(arrival -> arrival.decision().toCanary() == toCanary)
                  .filter(AdmittedRequest::graded)
                  .count())
          .isBetween(12L, 60L);
    }
    await(() -> weir.recorder.graded.size() >= 24);
    assertThat(weir.recorder.graded.size())
        .isLessThanOrEqualTo(
            (int) weir.recorder.arrivals.stream().filter(AdmittedRequest::graded).count());
  }

  @Test
  void uncounted_requests_are_not_in_the_sample() throws Exception {
    serve(RULES);
    weir.chat(ASK, "authorization", "Bearer pinning", "x-weir-version", "2");
    assertThat(Memory.next(weir.recorder.arrivals).graded()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/v1/embeddings", "/v1/messages/count_tokens", "/tokenize", "/v1/completions"})
  void requests_that_cannot_be_graded_are_not_in_the_sample(String path) throws Exception {
    serve(RULES);
    weir.post(path, "{\"model\":\"chat\",\"input\":\"x\",\"messages\":[{\"content\":\"Hi\"}]}");
    assertThat(Memory.next(weir.recorder.arrivals).graded()).isFalse();
  }

  @Test
  void a_large_request_is_not_in_the_sample() throws Exception {
    serve(RULES);
    weir.chat(ASK.replace("Oslo", "O".repeat(SampledAnswer.MAX_BODY)));
    assertThat(Memory.next(weir.recorder.arrivals).graded()).isFalse();
  }

  @Test
  void failed_and_cut_answers_stay_in_the_sample_without_a_grade() throws Exception {
    serve(RULES);
    for (FakeModelServer server : List.of(stable, next)) {
      server.byDefault(json(500, "{\"error\":{\"message\":\"boom\"}}"));
    }
    weir.chat(ASK);
    for (FakeModelServer server : List.of(stable, next)) {
      server.byDefault(cutAfter(stream("In Nor", "way."), 1));
    }
    weir.chat(STREAMED);
    for (FakeModelServer server : List.of(stable, next)) {
      server.byDefault(json(400, "{\"error\":{\"message\":\"no\"}}"));
    }
    weir.chat(ASK);
    for (FakeModelServer server : List.of(stable, next)) {
      server.byDefault(ANSWER);
    }
    ask(1);
    assertThat(Memory.next(weir.recorder.graded)).isEqualTo(800);
    assertThat(weir.recorder.arrivals).hasSize(4).allMatch(AdmittedRequest::graded);
    assertThat(judge.drainReceived()).as("only the whole answer").hasSize(1);
    assertThat(weir.gateway.graded().values().stream().mapToLong(c -> c.getAsLong()).sum())
        .isEqualTo(1);
  }

  @Test
  void an_answer_of_the_fallback_version_is_not_graded_for_the_first_version() throws Exception {
    serve(canary(ALL, next).graded(RULES), judging(judge));
    next.then(json(500, "{}"));
    assertThat(weir.chat(ASK).headers().firstValue("x-weir-version")).contains("chat@1");
    ask(1);
    assertThat(Memory.next(weir.recorder.graded)).isEqualTo(800);
    assertThat(judge.drainReceived()).hasSize(1);
  }

  static Stream<Arguments> judges() {
    return Stream.of(
        Arguments.of(json(200, whole("I would rather not say.")), "unreadable"),
        Arguments.of(json(200, whole("11")), "unreadable"),
        Arguments.of(json(200, "{}"), "failed"),
        Arguments.of(json(200, "8"), "failed"),
        Arguments.of(json(500, "{}"), "failed"),
        Arguments.of(json(400, "{\"error\":{\"message\":\"no\"}}"), "failed"),
        Arguments.of(json(503, "{}"), "failed"),
        Arguments.of(cutAfter(stream("8"), 1), "failed"));
  }

  @ParameterizedTest
  @MethodSource("judges")
  void a_failing_judge_leaves_the_record_without_a_grade(Script trouble, String result)
      throws Exception {
    serve(RULES);
    judge.then(trouble);
    ask(1);
    await(() -> count(result) == 1);
    assertThat(weir.recorder.graded).isEmpty();
    ask(1);
    assertThat(Memory.next(weir.recorder.graded)).as("the next grade").isEqualTo(800);
  }

  @Test
  void a_late_grade_does_not_count() throws Exception {
    serve(new Grading("default/judge", ALL, "", 12, 150));
    judge.byDefault(silence());
    ask(1);
    await(() -> count("late") == 1);
    assertThat(weir.recorder.graded).isEmpty();
    assertThat(weir.gateway.inFlight()).isEmpty();
  }

  @Test
  void a_judge_that_streams_unasked_is_understood() throws Exception {
    serve(RULES);
    judge.byDefault(events(stream("<think>a 3?", "</think>", "Score: 7.5")));
    ask(1);
    assertThat(Memory.next(weir.recorder.graded)).isEqualTo(750);
  }

  @Test
  void a_full_or_dead_judge_replica_is_replaced_by_another() throws Exception {
    FakeModelServer full = weir.server().byDefault(json(503, "{}"));
    FakeModelServer dead = weir.server();
    dead.close();
    serve(canary(HALF, next).graded(RULES), judging(full, judge));
    ask(5);
    for (int i = 0; i < 5; i++) {
      assertThat(Memory.next(weir.recorder.graded)).isEqualTo(800);
    }
    serve(canary(HALF, next).graded(RULES), judging(dead, judge));
    ask(5);
    for (int i = 0; i < 5; i++) {
      assertThat(Memory.next(weir.recorder.graded)).isEqualTo(800);
    }
    assertThat(full.drainReceived()).isNotEmpty();
    assertThat(count("failed")).isZero();
  }

  @Test
  void a_missing_judge_is_reported_as_a_problem_and_breaks_nothing() throws Exception {
    serve(canary(HALF, next).graded(RULES));
    ask(1);
    await(() -> count("failed") == 1);
    assertThat(weir.gateway.problems())
        .containsExactly("service default/chat: its judge default/judge does not exist");
    serve(canary(HALF, next).graded(RULES), judging());
    assertThat(weir.gateway.problems())
        .containsExactly("service default/chat: its judge default/judge has no replica");
    ask(1);
    await(() -> count("failed") == 2);
    serve(canary(HALF, next), judging());
    assertThat(weir.gateway.problems()).as("no service uses the judge").isEmpty();
    serve(RULES);
    assertThat(weir.gateway.problems()).isEmpty();
    assertThat(weir.recorder.graded).isEmpty();
  }

  @Test
  void hanging_and_waiting_gradings_are_bounded() throws Exception {
    serve(RULES);
    judge.byDefault(silence());
    int more = 3;
    ask(GradingQueue.MAX_OF_JUDGE + GradingQueue.MAX_WAITING + more);
    await(() -> count("dropped") == more);
    assertThat(weir.gateway.gradingsWaiting()).isEqualTo(GradingQueue.MAX_WAITING);
    assertThat(weir.gateway.inFlight().values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(GradingQueue.MAX_OF_JUDGE);
    weir.skip(Duration.ofMillis(RULES.withinMillis()));
    await(() -> count("late") >= GradingQueue.MAX_WAITING);
    assertThat(weir.gateway.gradingsWaiting()).isZero();
  }

  @Test
  void the_judges_own_clients_go_first_and_only_they_are_recorded() throws Exception {
    Admission two = new Admission(Limits.NONE, Limits.NONE, Map.of(), 2, 0);
    serve(canary(HALF, next).graded(RULES), judging(judge).with(two));
    CountDownLatch answered = new CountDownLatch(1);
    judge.then((request, wire) -> {
      answered.await();
      return json(200, whole("I judge.")).play(request, wire);
    });
    CompletableFuture<HttpResponse<String>> client =
        weir.chatLater(ASK.replace("\"chat\"", "\"judge\""));
    judge.take();
    ask(1);
    await(() -> weir.gateway.gradingsWaiting() == 1);
    assertThat(judge.drainReceived()).as("half of the slots are reserved for clients").isEmpty();
    answered.countDown();
    assertThat(client.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    assertThat(Memory.next(weir.recorder.graded)).isEqualTo(800);
    assertThat(weir.gateway.gradingsWaiting()).isZero();
    assertThat(weir.recorder.arrivals)
        .extracting(arrival -> arrival.decision().service().id())
        .containsExactlyInAnyOrder("default/judge", "default/chat");
    assertThat(weir.recorder.completed).hasSize(2);
    assertThat(weir.recorder.attempts).hasSize(2);
  }

  @Test
  void a_simulated_judge_distinguishes_poor_answers() throws Exception {
    String fast = "--time-scale=1000";
    try (SimServer good = sim("--model=chat", fast);
        SimServer poor = sim("--model=chat", "--poor-rate=1", fast);
        SimServer judges = sim("--model=judge", "--judge", fast)) {
      CanaryArm next =
          new CanaryArm(sims("chat@2", good), "default/chat-1", 0, "salt", 0, true)
              .shadowing(ALL)
              .graded(RULES);
      ServiceEntry judge =
          new ServiceEntry(
              "default/judge",
              "default",
              "judge",
              sims("judge@1", judges),
              List.of(),
              LONG,
              20,
              3,
              true,
              "");
      weir.serve(
          List.of(new RouteEntry("chat", "default", List.of(new Backend("default/chat", 1)))),
          service(sims("chat@1", poor), List.of(next), LONG),
          judge);
      for (String ask : List.of(ASK, STREAMED)) {
        assertThat(weir.chat(ask).body()).contains("Whatever.");
        assertThat(Memory.next(weir.recorder.graded)).isEqualTo(200);
        assertThat(Memory.next(weir.recorder.copiesGraded)).isEqualTo(900);
      }
    }
  }

  private static SimServer sim(String... flags) {
    return SimServer.start(
        SimOptions.parse(
            Stream.concat(Stream.of("--port=0"), Stream.of(flags)).toArray(String[]::new)));
  }

  private static Arm sims(String version, SimServer server) {
    String model = version.substring(0, version.indexOf('@'));
    return new Arm(
        version,
        List.of(
            new ReplicaEntry(version.replace('@', '-') + "-0", server.baseUrl(), "sim", model)));
  }

  @Test
  void gradings_count_for_the_health_of_the_judges_replica() throws Exception {
    serve(RULES);
    judge.byDefault(json(500, "{}"));
    ask(20);
    await(() -> count("failed") == 20);
    assertThat(Objects.requireNonNull(weir.gateway.breakers().get("open")).getAsLong())
        .isEqualTo(1);
  }
}
