// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.gateway.GatewayFixture.LONG;
import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.canary;
import static dev.weir.gateway.GatewayFixture.service;
import static dev.weir.testkit.FakeModelServer.Script.events;
import static dev.weir.testkit.FakeModelServer.Script.json;
import static dev.weir.testkit.FakeModelServer.Script.silence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.ReplicaKey;
import dev.weir.snapshot.EngineCapabilities;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Received;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPipelineTest {
  private static final String ASK =
      "{\"model\":\"chat\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"odd\": 1.50}";
  private static final String STREAMED = "{\"model\":\"chat\",\"stream\":true,\"messages\":[]}";
  private static final String ANSWER =
      "{\"id\":\"c1\",\"choices\":[{\"message\":{\"content\":\"ho\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}";

  private final GatewayFixture weir = new GatewayFixture();

  @AfterEach
  void stop() {
    weir.close();
  }

  @Test
  void an_answer_passes_unchanged_and_names_its_replica_and_version() throws Exception {
    FakeModelServer server = weir.server().byDefault(json(200, ANSWER));
    weir.serve(server);

    HttpResponse<String> response =
        weir.chat(ASK, "x-request-id", "my-1", "x-weir-priority", "low", "traceparent", "00-1");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(ANSWER);
    assertThat(response.headers().map())
        .containsEntry("x-request-id", List.of("my-1"))
        .containsEntry("x-weir-service", List.of("default/chat"))
        .containsEntry("x-weir-version", List.of("chat@1"))
        .containsEntry("x-weir-replica", List.of("chat-1-0"))
        .containsEntry("x-weir-attempts", List.of("1"));
    Received seen = server.take();
    assertThat(seen.body()).isEqualTo(ASK);
    assertThat(seen.headers())
        .doesNotContainKeys("authorization", "x-weir-priority")
        .containsEntry("traceparent", "00-1")
        .containsEntry("x-request-id", "my-1");
    CompletedRequest completed = Memory.next(weir.recorder.completed);
    assertThat(completed.promptTokens()).isEqualTo(5);
    assertThat(completed.outputTokens()).isEqualTo(7);
    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.SUCCESS);
  }

  @Test
  void a_traced_request_sends_its_own_span_to_replicas_and_its_clients_span_to_control()
      throws Exception {
    FakeModelServer server = weir.server().byDefault(json(200, ANSWER));
    weir.serve(server);
    weir.recorder.traceparent = "00-own";
    weir.chat(ASK, "traceparent", "00-clients");
    assertThat(server.take().headers()).containsEntry("traceparent", "00-own");
    assertThat(Memory.next(weir.recorder.arrivals).traceparent()).isEqualTo("00-clients");
  }

  @Test
  void a_prompt_that_continues_one_of_the_same_replica_is_expected_to_need_less_prefill()
      throws Exception {
    FakeModelServer server = weir.server().byDefault(json(200, ANSWER));
    weir.serve(server);
    String turn =
        ASK.replace("]", ",{\"role\":\"user\",\"content\":\"" + "x".repeat(8_000) + "\"}]");
    String next = turn.replace("]", ",{\"role\":\"user\",\"content\":\"more\"}]");
    weir.chat(turn);
    weir.chat(next);
    assertThat(Memory.next(weir.recorder.sent)).isBetween(2_000, 2_200);
    assertThat(Memory.next(weir.recorder.sent)).isBetween(1, 300);
  }

  @Test
  void connections_to_replicas_are_reused() throws Exception {
    FakeModelServer server = weir.server().byDefault(json(200, ANSWER));
    weir.serve(server);

    for (int i = 0; i < 20; i++) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    }

    assertThat(server.accepts()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nplanted", "HTTP/1.1 2", "x"})
  void bytes_after_an_answer_never_become_the_next_requests_answer(String behind) throws Exception {
    FakeModelServer server = weir.server().byDefault(json(200, "{\"second\":1}"));
    server.then((_, wire) -> {
      wire.raw("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}" + behind);
      return true;
    });
    weir.serve(server);
    String ask =
        "POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\n"
            + "Content-Length: 16\r\n%s\r\n{\"model\":\"chat\"}";

    String answers = weir.raw(ask.formatted("") + ask.formatted("Connection: close\r\n"));

    assertThat(answers).doesNotContain("planted").endsWith("{\"second\":1}");
    assertThat(server.accepts()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"302 Found", "304 Not Modified", "999 X", "099 X", "600 X"})
  void an_answer_that_no_client_could_use_is_502(String status) throws Exception {
    FakeModelServer server = weir.server();
    server.byDefault((_, wire) -> {
      wire.raw("HTTP/1.1 " + status + "\r\nlocation: http://x/\r\ncontent-length: 0\r\n\r\n");
      return true;
    });
    weir.serve(server);

    HttpResponse<String> response = weir.chat(ASK);

    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(response.headers().map()).doesNotContainKey("location");
  }

  @Test
  void an_answer_with_an_ambiguous_end_is_502() throws Exception {
    FakeModelServer server = weir.server();
    server.byDefault((_, wire) -> {
      wire.raw(
          """
          HTTP/1.1 200 OK
          content-length: 2
          transfer-encoding: chunked

          2
          {}
          0

          """
              .replace("\n", "\r\n"));
      return true;
    });
    weir.serve(server);

    assertThat(weir.chat(ASK).statusCode()).isEqualTo(502);
  }

  @Test
  void a_dead_pooled_connection_is_not_a_failed_attempt() throws Exception {
    FakeModelServer server = weir.server().byDefault(json(200, ANSWER));
    server.then(
        json(200, ANSWER),
        (_, wire) -> {
          wire.closeGracefully();
          return false;
        });
    weir.serve(server);

    weir.chat(ASK);
    HttpResponse<String> second = weir.chat(ASK);

    assertThat(second.statusCode()).isEqualTo(200);
    assertThat(second.headers().firstValue("x-weir-attempts")).contains("1");
    assertThat(server.accepts()).isEqualTo(2);
  }

  @Test
  void the_model_is_renamed_only_if_the_engine_uses_another_name() throws Exception {
    FakeModelServer server = weir.server().byDefault(json(200, ANSWER));
    Arm arm =
        new Arm("chat@1", List.of(new ReplicaEntry("r", server.url(), "vllm", "/models/ch\"at")));
    weir.serve(service(arm, List.of(), LONG));

    weir.chat(ASK);

    assertThat(server.take().body()).isEqualTo(ASK.replace("\"chat\"", "\"/models/ch\\\"at\""));
  }

  @Test
  void the_profile_of_an_engine_decides_which_paths_clients_may_call() throws Exception {
    FakeModelServer server = weir.server().byDefault(json(200, ANSWER));
    Arm arm = new Arm("chat@1", List.of(new ReplicaEntry("r", server.url(), "own-engine", "chat")));
    EngineCapabilities own =
        new EngineCapabilities(List.of("/score"), true, false, false, 0, List.of(), List.of());
    weir.serve(service(Snapshots.described(arm, own), List.of(), LONG));

    assertThat(weir.post("/score", ASK).statusCode()).isEqualTo(200);
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(404);
    assertThat(server.drainReceived()).extracting(Received::target).containsExactly("/score");
  }

  @Test
  void unauthenticated_clients_get_401_and_the_body_is_not_read() throws Exception {
    weir.serve(weir.server());

    HttpResponse<String> response = weir.chat(ASK, "authorization", "Bearer wrong");

    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.headers().firstValue("www-authenticate")).contains("Bearer");
    assertThat(response.headers().firstValue("x-request-id")).isPresent();
    assertThat(response.body())
        .isEqualTo(
            "{\"error\":{\"message\":\"no such key\",\"type\":\"authentication_error\","
                + "\"param\":null,\"code\":\"invalid_api_key\"}}");
  }

  @Test
  void a_forbidden_model_looks_like_one_that_does_not_exist() throws Exception {
    weir.serve(weir.server());

    HttpResponse<String> forbidden = weir.chat("{\"model\":\"secret\"}");
    HttpResponse<String> unknown = weir.chat("{\"model\":\"sesame\"}");

    assertThat(forbidden.statusCode()).isEqualTo(404);
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(forbidden.body().replace("secret", "sesame")).isEqualTo(unknown.body());
  }

  @Test
  void anthropic_clients_get_errors_in_their_format() throws Exception {
    weir.serve(weir.server());

    HttpResponse<String> response =
        weir.post("/v1/messages", "{\"model\":\"nope\"}", "x-request-id", "m1");

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.headers().firstValue("request-id")).contains("m1");
    assertThat(response.body())
        .isEqualTo(
            "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\","
                + "\"message\":\"the model 'nope' does not exist\"},\"request_id\":\"m1\"}");
  }

  @Test
  void paths_and_methods_outside_the_list_are_refused() throws Exception {
    weir.serve(weir.server());

    assertThat(weir.post("/sleep", "{}").statusCode()).isEqualTo(404);
    assertThat(weir.post("/v1/chat/../sleep", "{}").statusCode()).isEqualTo(404);
    HttpResponse<String> wrong = weir.get("/v1/chat/completions");
    assertThat(wrong.statusCode()).isEqualTo(405);
    assertThat(wrong.headers().firstValue("allow")).contains("POST, OPTIONS");
    assertThat(weir.post("/health", "{}").statusCode()).isEqualTo(405);
  }

  @Test
  void invalid_bodies_are_client_errors() throws Exception {
    weir.serve(weir.server());

    assertThat(weir.chat("{\"model\":").statusCode()).isEqualTo(400);
    assertThat(weir.chat("[]").statusCode()).isEqualTo(400);
    assertThat(weir.chat("{}").body()).contains("'model' is missing");
    assertThat(weir.chat("{\"model\":\"chat\",\"model\":\"secret\"}").body())
        .contains("duplicate field 'model'");
    assertThat(weir.chat(ASK, "x-weir-timeout", "soon").statusCode()).isEqualTo(400);
  }

  @Test
  void the_gateway_itself_answers_models_health_readiness_and_metrics() throws Exception {
    assertThat(weir.get("/health").statusCode()).isEqualTo(200);
    assertThat(weir.get("/ready").statusCode()).isEqualTo(503);
    assertThat(weir.chat(ASK).headers().firstValue("retry-after")).isPresent();
    weir.serve(weir.server());

    assertThat(weir.get("/ready").statusCode()).isEqualTo(200);
    assertThat(weir.get("/metrics").body()).isEqualTo("weir_up 1\n");
    assertThat(weir.get("/v1/models").body()).contains("\"id\":\"chat\"").doesNotContain("secret");
    assertThat(weir.get("/v1/models/chat").statusCode()).isEqualTo(200);
    assertThat(weir.get("/v1/models/secret").statusCode()).isEqualTo(404);
  }

  @Test
  void a_model_without_a_replica_is_listed_as_not_ready() throws Exception {
    weir.serve();
    String down = "\"id\":\"chat\"[^{}]*\"ready\":false";
    assertThat(weir.get("/v1/models").body()).containsPattern(down);
    assertThat(weir.get("/v1/models/chat").body()).containsPattern(down);

    weir.serve(weir.server());
    String up = "\"id\":\"chat\"[^{}]*\"ready\":true";
    assertThat(weir.get("/v1/models").body()).containsPattern(up);
    assertThat(weir.get("/v1/models/chat").body()).containsPattern(up);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/health;x=1",
        "/health%3bx=1",
        "/v1/models;x=1",
        "//health",
        "/./health",
        "/v1/../health",
        "/v1/%2e%2e/health",
        "/v1/models/chat;x=1",
        "/v1/models/../../health",
        "/v1/chat/completions;x=1"
      })
  void a_path_with_another_spelling_is_another_path(String path) throws Exception {
    weir.serve(weir.server());

    assertThat(
            weir.raw(
                "GET "
                    + path
                    + " HTTP/1.1\r\n"
                    + "Host: x\r\n"
                    + "Authorization: Bearer good\r\n"
                    + "Connection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 404 ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model\":\"chat\",,}|the body is not valid JSON: see line 1, column",
        "{\"model\":\"chat\",\"a\":|the body is not valid JSON: it ends before",
        "{\"model\":\"chat\",\"a\":nul}|the body is not valid JSON: see line 1, column",
        "{\"model\":\"chat\",\"a\":01}|the body is not valid JSON: see line 1, column"
      })
  void a_malformed_body_is_described_in_plain_text(String body, String message) throws Exception {
    weir.serve(weir.server());

    String answer = weir.chat(body).body();

    assertThat(answer)
        .contains(message)
        .doesNotContain("REDACTED", "StreamReadFeature", "Source", "(code", "token (");
  }

  @Test
  void a_body_nested_too_deeply_is_described_in_plain_text() throws Exception {
    weir.serve(weir.server());

    assertThat(weir.chat("{\"model\":\"chat\",\"a\":" + "[".repeat(1_000)).body())
        .contains("the body is nested too deeply")
        .doesNotContain("StreamReadConstraints");
  }

  @Test
  void a_hanging_replica_is_abandoned_at_the_first_token_deadline_even_without_streaming()
      throws Exception {
    FakeModelServer hangs =
        weir.server()
            .byDefault((_, wire) -> {
              wire.awaitClose();
              return false;
            });
    FakeModelServer well = weir.server().byDefault(json(200, ANSWER));
    Timeouts timeouts = new Timeouts(5_000, 300, 300, 3_600_000);
    weir.serve(GatewayFixture.service(GatewayFixture.arm("1", hangs, well), List.of(), timeouts));

    boolean both = false;
    while (!both) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
      both = Memory.next(weir.recorder.completed).attempts() == 2;
    }
    assertThat(weir.recorder.attempts)
        .anySatisfy(attempt ->
            assertThat(attempt.failure())
                .hasValueSatisfying(failure ->
                    assertThat(failure.kind()).isEqualTo(Failure.Kind.FIRST_TOKEN_TIMEOUT)));
  }

  @Test
  void a_whole_answer_may_exceed_the_first_token_timeout_while_its_replica_is_alive()
      throws Exception {
    CountDownLatch probes = new CountDownLatch(3);
    FakeModelServer slow =
        weir.server()
            .byDefault((request, wire) -> {
              if (request.target().equals("/health")) {
                probes.countDown();
                wire.answer(200, "text/plain", "");
              } else {
                probes.await();
                wire.answer(200, "application/json", ANSWER);
              }
              return true;
            });
    Timeouts timeouts = new Timeouts(5_000, 2_000, 2_000, 3_600_000);
    weir.serve(GatewayFixture.service(GatewayFixture.arm("1", slow), List.of(), timeouts));

    assertThat(weir.chat(ASK).body()).isEqualTo(ANSWER);
    assertThat(Memory.next(weir.recorder.completed).attempts()).isEqualTo(1);
  }

  // --- versions

  @Test
  void a_failing_canary_falls_back_to_stable_and_is_counted_against() throws Exception {
    FakeModelServer stable = weir.server().byDefault(json(200, ANSWER));
    FakeModelServer failing = weir.server().byDefault(json(500, "{}"));
    weir.serve(service(arm("1", stable), List.of(canary(1_000_000, failing)), LONG));

    HttpResponse<String> response = weir.chat(ASK);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("x-weir-version")).contains("chat@1");
    AttemptEnd first = Memory.next(weir.recorder.attempts);
    assertThat(first.number()).isEqualTo(1);
    assertThat(first.version()).isEqualTo("chat@2");
    assertThat(first.outcome()).isEqualTo(Outcome.FAILURE);
    CompletedRequest completed = Memory.next(weir.recorder.completed);
    assertThat(completed.fellBack()).isTrue();
    assertThat(completed.arrival().decision().toCanary()).isTrue();
    assertThat(completed.arrival().decision().membership()).isEqualTo(CohortMembership.COUNTED);
  }

  @Test
  void a_canary_whose_only_replica_fails_repeatedly_still_gets_requests_and_is_counted()
      throws Exception {
    FakeModelServer stable = weir.server().byDefault(json(200, ANSWER));
    FakeModelServer failing = weir.server().byDefault(json(500, "{}"));
    weir.serve(service(arm("1", stable), List.of(canary(1_000_000, failing)), LONG));

    for (int i = 0; i < 12; i++) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
      AttemptEnd first = Memory.next(weir.recorder.attempts);
      assertThat(first.version()).isEqualTo("chat@2");
      assertThat(first.outcome()).isEqualTo(Outcome.FAILURE);
      assertThat(first.opened()).isEqualTo(i == 4);
      assertThat(Memory.next(weir.recorder.attempts).version()).isEqualTo("chat@1");
    }
    assertThat(failing.drainReceived()).hasSize(12);
  }

  @Test
  void a_replica_that_fails_five_times_in_a_row_gets_no_more_requests() throws Exception {
    FakeModelServer failing = weir.server().byDefault(json(500, "{}"));
    FakeModelServer healthy = weir.server().byDefault(json(200, ANSWER));
    weir.serve(failing, healthy);

    for (int i = 0; i < 60; i++) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    }

    assertThat(failing.drainReceived()).hasSize(5);
  }

  @Test
  void a_canary_without_replicas_fails_and_stable_serves() throws Exception {
    FakeModelServer stable = weir.server().byDefault(json(200, ANSWER));
    weir.serve(service(arm("1", stable), List.of(canary(1_000_000)), LONG));

    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);

    AttemptEnd first = Memory.next(weir.recorder.attempts);
    assertThat(first.version()).isEqualTo("chat@2");
    assertThat(first.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(first.replica()).isEmpty();
  }

  @Test
  void a_canary_whose_lease_ended_gets_nothing() throws Exception {
    FakeModelServer stable = weir.server().byDefault(json(200, ANSWER));
    FakeModelServer next = weir.server().byDefault(json(200, ANSWER));
    weir.serve(service(arm("1", stable), List.of(canary(1_000_000, next)), LONG));
    weir.snapshots.lease = false;

    assertThat(weir.chat(ASK).headers().firstValue("x-weir-version")).contains("chat@1");
    assertThat(Memory.next(weir.recorder.arrivals).decision().weightMillionths()).isZero();
    assertThat(next.accepts()).isZero();
  }

  @Test
  void only_some_keys_may_pin_a_version() throws Exception {
    FakeModelServer stable = weir.server().byDefault(json(200, ANSWER));
    FakeModelServer next = weir.server().byDefault(json(200, ANSWER));
    weir.serve(service(arm("1", stable), List.of(canary(0, next)), LONG));

    assertThat(weir.chat(ASK, "x-weir-version", "2").statusCode()).isEqualTo(403);
    HttpResponse<String> pinned =
        weir.chat(ASK, "x-weir-version", "chat@2", "authorization", "Bearer pinning");
    assertThat(pinned.headers().firstValue("x-weir-version")).contains("chat@2");
    assertThat(Memory.next(weir.recorder.arrivals).decision().membership())
        .isEqualTo(CohortMembership.PINNED);
    assertThat(
            weir.chat(ASK, "x-weir-version", "9", "authorization", "Bearer pinning").statusCode())
        .isEqualTo(400);
  }

  @Test
  void the_first_request_of_a_session_is_counted_and_others_join_it_or_do_not_count()
      throws Exception {
    FakeModelServer stable = weir.server().byDefault(json(200, ANSWER));
    weir.serve(service(arm("1", stable), List.of(canary(500_000, stable)), LONG));

    String first = weir.chat(ASK, "x-weir-session", "s").headers().map().toString();
    String second = weir.chat(ASK, "x-weir-session", "s").headers().map().toString();

    assertThat(Memory.next(weir.recorder.arrivals).decision().membership())
        .isEqualTo(CohortMembership.COUNTED);
    assertThat(Memory.next(weir.recorder.arrivals).decision().membership())
        .isEqualTo(CohortMembership.SESSION_REPEATED);
    assertThat(first.contains("chat@2")).isEqualTo(second.contains("chat@2"));
  }

  // --- timeouts

  @Test
  void a_replica_without_a_first_token_in_time_is_replaced() throws Exception {
    FakeModelServer slow = weir.server().byDefault(silence());
    FakeModelServer well =
        weir.server()
            .byDefault(
                events(
                    List.of(
                        "data:"
                            + " {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n",
                        "data: [DONE]\n\n")));
    weir.serve(service(arm("1", slow, well), List.of(), new Timeouts(5_000, 100, 5_000, 20_000)));

    boolean replaced = false;
    while (!replaced) {
      HttpResponse<String> response = weir.chat(STREAMED);
      assertThat(response.statusCode()).isEqualTo(200);
      replaced = response.headers().firstValue("x-weir-attempts").orElseThrow().equals("2");
    }
  }

  @Test
  void a_missing_first_token_is_504_without_another_replica() throws Exception {
    FakeModelServer slow = weir.server().byDefault(silence());
    weir.serve(service(arm("1", slow), List.of(), new Timeouts(5_000, 50, 5_000, 20_000)));

    HttpResponse<String> response = weir.chat(STREAMED);

    assertThat(response.statusCode()).isEqualTo(504);
    assertThat(response.body()).contains("first_token_timeout");
    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.FAILURE);
  }

  @Test
  void the_total_timeout_ends_the_request() throws Exception {
    FakeModelServer one = weir.server().byDefault(silence());
    FakeModelServer two = weir.server().byDefault(silence());
    weir.serve(service(arm("1", one, two), List.of(), new Timeouts(5_000, 5_000, 5_000, 50)));

    HttpResponse<String> response = weir.chat(ASK);

    assertThat(response.statusCode()).isEqualTo(504);
    assertThat(response.body()).contains("total_timeout");
    assertThat(response.headers().firstValue("x-weir-attempts")).contains("1");
  }

  @Test
  void a_client_deadline_does_not_count_against_the_engine() throws Exception {
    weir.serve(weir.server().byDefault(silence()));

    HttpResponse<String> response = weir.chat(ASK, "x-weir-timeout", "0.05");

    assertThat(response.statusCode()).isEqualTo(504);
    AttemptEnd first = Memory.next(weir.recorder.attempts);
    assertThat(first.outcome()).isEqualTo(Outcome.NEUTRAL);
    assertThat(first.failure().map(Failure::kind)).contains(Failure.Kind.CLIENT_DEADLINE);
  }

  // --- swaps

  @Test
  void a_removed_replica_finishes_its_running_request_and_gets_no_new_one() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    FakeModelServer old =
        weir.server()
            .byDefault((_, wire) -> {
              begun.countDown();
              release.await();
              wire.answer(200, "application/json", ANSWER);
              return true;
            });
    FakeModelServer fresh = weir.server().byDefault(json(200, "{\"choices\":[{}],\"fresh\":1}"));
    weir.serve(old);
    CompletableFuture<HttpResponse<String>> running =
        CompletableFuture.supplyAsync(() -> {
          try {
            return weir.chat(ASK);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    begun.await();
    assertThat(weir.gateway.inFlight(new ReplicaKey("default/chat", "chat-1-0", old.url())))
        .isEqualTo(1);

    weir.serve(fresh);

    assertThat(weir.chat(ASK).body()).isEqualTo("{\"choices\":[{}],\"fresh\":1}");
    release.countDown();
    assertThat(running.get().body()).isEqualTo(ANSWER);
    assertThat(old.drainReceived()).hasSize(1);
  }

  @Test
  void a_large_answer_is_streamed() throws Exception {
    String large = "x".repeat(3 * 1024 * 1024);
    weir.serve(weir.server().byDefault(json(200, large)));

    assertThat(weir.post("/v1/embeddings", "{\"model\":\"chat\"}").body()).isEqualTo(large);
  }

  @Test
  void the_client_can_see_that_a_large_answer_was_cut() {
    weir.serve(
        weir.server()
            .byDefault((_, wire) -> {
              wire.raw("HTTP/1.1 200 OK\r\ncontent-length: 5000000\r\n\r\n");
              wire.raw("x".repeat(3_000_000));
              wire.closeGracefully();
              return false;
            }));

    assertThatThrownBy(() -> weir.post("/v1/embeddings", "{\"model\":\"chat\"}"))
        .isInstanceOf(IOException.class);
  }

  @Test
  void a_replica_with_an_unusable_url_counts_as_unreachable() throws Exception {
    FakeModelServer well = weir.server().byDefault(json(200, ANSWER));
    Arm arm =
        new Arm(
            "chat@1",
            List.of(
                new ReplicaEntry("a", "nonsense", "vllm", "chat"),
                new ReplicaEntry("b", "http://no.such.host.invalid:1", "vllm", "chat"),
                new ReplicaEntry("c", well.url(), "vllm", "chat")));
    weir.serve(service(arm, List.of(), LONG));

    for (int i = 0; i < 5; i++) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    }
  }
}
