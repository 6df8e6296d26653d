// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.service;
import static dev.weir.testkit.FakeModelServer.Script.events;
import static dev.weir.testkit.FakeModelServer.Script.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.FaultEntry;
import dev.weir.snapshot.RoutingSnapshot.FaultKind;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Script;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An injected fault is like a fault of the replica for all later stages, and is reported by name.
class InjectedFaultsTest {
  private static final String ASK =
      """
      {"model":"chat","messages":[{"role":"user","content":"Say"}],"stream":true,"max_tokens":9}\
      """;
  private static final String WHOLE = "{\"model\":\"chat\",\"messages\":[]}";
  private static final Timeouts SHORT = new Timeouts(5_000, 300, 300, 40_000);
  private static final String NAME = "chat-flt-41";

  private final GatewayFixture weir = new GatewayFixture();

  @AfterEach
  void stop() {
    weir.close();
  }

  private static FaultEntry fault(FaultKind kind, String replica, int status, int after) {
    return new FaultEntry(
        NAME,
        kind,
        replica,
        "",
        true,
        1_000_000,
        status,
        200,
        after,
        "what it does",
        Instant.parse("2026-01-01T01:00:00Z").toEpochMilli());
  }

  private void serve(Timeouts timeouts, FaultEntry fault, FakeModelServer... servers) {
    weir.serve(service(arm("1", servers), List.of(), timeouts).with(List.of(fault)));
  }

  private static List<String> answer(int fromWord) {
    List<String> words = List.of("one ", "two ", "three ", "four");
    List<String> all = new ArrayList<>();
    words.subList(fromWord, words.size()).forEach(word -> all.add(chunk(word, "null")));
    all.add(chunk("", "\"stop\""));
    all.add("data: [DONE]\n\n");
    return all;
  }

  private static String chunk(String text, String finish) {
    return "data: {\"id\":\"x\",\"created\":1,\"model\":\"chat\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},\"finish_reason\":%s}]}\n\n"
        .formatted(text, finish);
  }

  private static Script continuing() {
    return (request, wire) -> {
      boolean on = request.body().contains("continue_final_message");
      return events(answer(on ? 2 : 0)).play(request, wire);
    };
  }

  private FakeModelServer healthyServer() {
    return weir.server().byDefault(continuing());
  }

  private record Faulted(String body, List<AttemptEnd> attempts, CompletedRequest completed) {}

  /// Sends requests until one reaches the replica with the fault.
  private Faulted untilFaulted(String body) throws Exception {
    while (true) {
      String answer = weir.chat(body).body();
      CompletedRequest completed = Memory.next(weir.recorder.completed);
      List<AttemptEnd> attempts = new ArrayList<>();
      weir.recorder.attempts.drainTo(attempts);
      if (!completed.faults().isEmpty()) {
        return new Faulted(answer, attempts, completed);
      }
    }
  }

  private void assertFaultReported(Failure.Kind kind, int status) throws Exception {
    AttemptEnd end = Memory.next(weir.recorder.attempts);
    assertThat(end.failure().map(Failure::kind)).contains(kind);
    assertThat(end.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(end.injected()).isEqualTo("injected fault chat-flt-41: what it does");
    CompletedRequest completed = Memory.next(weir.recorder.completed);
    assertThat(completed.faults()).containsExactly(NAME);
    assertThat(completed.status()).isEqualTo(status);
  }

  @Test
  void an_injected_error_replaces_the_replicas_answer_and_counts_as_its_failure() throws Exception {
    FakeModelServer only = healthyServer();
    serve(GatewayFixture.LONG, fault(FaultKind.ERROR, "", 502, 0), only);

    HttpResponse<String> response = weir.chat(WHOLE);

    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(response.body()).contains("injected fault chat-flt-41: what it does");
    assertThat(response.headers().firstValue("x-weir-fault")).contains(NAME);
    assertThat(only.drainReceived()).isEmpty();
    assertFaultReported(Failure.Kind.SERVER_ERROR, 502);
  }

  @Test
  void errors_open_the_breaker_and_another_replica_answers() throws Exception {
    FakeModelServer faulty = healthyServer();
    FakeModelServer healthy = weir.server().byDefault(json(200, FakeModelServer.ANSWER));
    serve(GatewayFixture.LONG, fault(FaultKind.ERROR, "chat-1-0", 500, 0), faulty, healthy);

    for (int i = 0; i < 40; i++) {
      assertThat(weir.chat(WHOLE).statusCode()).isEqualTo(200);
      Memory.next(weir.recorder.completed);
    }

    List<AttemptEnd> faulted =
        weir.recorder.attempts.stream().filter(end -> !end.injected().isEmpty()).toList();
    assertThat(faulted).hasSize(5);
    assertThat(faulted.getLast().opened()).isTrue();
    assertThat(faulty.drainReceived()).isEmpty();
  }

  @Test
  void a_full_replica_is_backpressure_and_not_a_failure() throws Exception {
    serve(GatewayFixture.LONG, fault(FaultKind.ERROR, "", 429, 0), healthyServer());
    assertThat(weir.chat(WHOLE).statusCode()).isEqualTo(429);
    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.BACKPRESSURE);
  }

  @Test
  void a_cut_is_hidden_by_resume_and_reported_in_the_record() throws Exception {
    serve(
        GatewayFixture.LONG,
        fault(FaultKind.CUT, "chat-1-0", 500, 2),
        healthyServer(),
        healthyServer());

    Faulted faulted = untilFaulted(ASK);

    assertThat(faulted.body()).contains("one ", "two ", "three ", "four", "[DONE]");
    AttemptEnd first = faulted.attempts().getFirst();
    assertThat(first.failure())
        .contains(new Failure(Failure.Kind.CUT, "injected fault chat-flt-41: what it does"));
    assertThat(first.truncated()).isTrue();
    assertThat(first.outputTokens()).isEqualTo(2);
    assertThat(faulted.attempts().getLast().injected()).isEmpty();
    assertThat(faulted.completed().resumes()).isEqualTo(1);
    assertThat(faulted.completed().failure()).isEmpty();
    assertThat(faulted.completed().faults()).containsExactly(NAME);
  }

  @Test
  void events_are_counted_however_the_network_splits_them() throws Exception {
    FakeModelServer torn =
        weir.server()
            .byDefault(
                events(
                    String.join("", answer(0))
                        .replace("\n", "\r\n")
                        .codePoints()
                        .mapToObj(Character::toString)
                        .toList()));
    serve(GatewayFixture.LONG, fault(FaultKind.CUT, "", 500, 2), torn);

    HttpResponse<String> response = weir.chat(ASK);

    assertThat(response.body()).contains("one ", "two ").doesNotContain("three ");
    assertFaultReported(Failure.Kind.CUT, 200);
  }

  @Test
  void a_cut_after_more_events_than_there_are_has_no_effect() throws Exception {
    serve(GatewayFixture.LONG, fault(FaultKind.CUT, "", 500, 40), healthyServer());
    assertThat(weir.chat(ASK).body()).contains("[DONE]");
    assertThat(Memory.next(weir.recorder.attempts).injected()).isEmpty();
    assertThat(Memory.next(weir.recorder.completed).faults()).isEmpty();
  }

  @Test
  void a_whole_answer_is_cut_before_it_is_delivered() throws Exception {
    FakeModelServer only = weir.server().byDefault(json(200, FakeModelServer.ANSWER));
    serve(GatewayFixture.LONG, fault(FaultKind.CUT, "", 500, 3), only);
    assertThat(weir.chat(WHOLE).statusCode()).isEqualTo(502);
    assertFaultReported(Failure.Kind.CUT, 502);
  }

  @Test
  void a_stall_lasts_until_the_stall_timeout() throws Exception {
    serve(SHORT, fault(FaultKind.STALL, "", 500, 2), healthyServer());

    HttpResponse<String> response = weir.chat(ASK);

    assertThat(response.body())
        .contains("two ", "injected fault chat-flt-41", "stalled")
        .doesNotContain("three ");
    assertFaultReported(Failure.Kind.STALLED, 200);
  }

  @Test
  void a_stall_before_the_first_event_lasts_until_the_first_token_timeout() throws Exception {
    serve(SHORT, fault(FaultKind.STALL, "", 500, 0), healthyServer());
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(504);
    assertFaultReported(Failure.Kind.FIRST_TOKEN_TIMEOUT, 504);
  }

  @Test
  void a_delay_comes_before_the_first_byte_and_is_reported_although_the_request_succeeds()
      throws Exception {
    serve(GatewayFixture.LONG, fault(FaultKind.DELAY, "", 500, 0), healthyServer());

    assertThat(weir.chat(ASK).body()).contains("[DONE]");

    AttemptEnd end = Memory.next(weir.recorder.attempts);
    assertThat(end.outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(end.injected()).startsWith("injected fault");
    assertThat(end.ttftMicros()).isGreaterThanOrEqualTo(200_000);
  }

  @Test
  void a_delay_beyond_the_first_token_timeout_is_a_timeout() throws Exception {
    FakeModelServer only = healthyServer();
    serve(new Timeouts(5_000, 50, 300, 40_000), fault(FaultKind.DELAY, "", 500, 0), only);
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(504);
    assertFaultReported(Failure.Kind.FIRST_TOKEN_TIMEOUT, 504);
    assertThat(only.drainReceived()).isEmpty();
  }

  @Test
  void a_fault_that_was_cleared_or_lost_its_lease_has_no_effect() throws Exception {
    FakeModelServer only = healthyServer();
    FaultEntry error = fault(FaultKind.ERROR, "", 500, 0);
    serve(GatewayFixture.LONG, error, only);
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(500);
    weir.snapshots.lease = false;
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    weir.snapshots.lease = true;
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(500);
    weir.serve(only);
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
  }

  @Test
  void a_client_that_disconnects_ends_a_delayed_request() throws Exception {
    ServiceEntry slow =
        service(arm("1", healthyServer()), List.of(), GatewayFixture.LONG)
            .with(List.of(fault(FaultKind.STALL, "", 500, 1)));
    weir.serve(slow);
    try (var socket = weir.socket()) {
      GatewayFixture.send(
          socket,
          "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
              .formatted(ASK.length(), ASK));
      assertThat(socket.getInputStream().read()).isPositive();
    }
    assertThat(Memory.next(weir.recorder.completed).status()).isEqualTo(499);
    assertThat(weir.gateway.inFlight()).isEmpty();
  }
}
