// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.testkit.FakeModelServer.Script.events;
import static dev.weir.testkit.FakeModelServer.Script.json;
import static dev.weir.testkit.FakeModelServer.Script.silence;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.snapshot.RequestSource;
import dev.weir.snapshot.RoutingSnapshot.Admission;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import dev.weir.snapshot.RoutingSnapshot.Limits;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Script;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Requests that a gateway generates itself, on real sockets.
@Timeout(60)
class GeneratedRequestsTest {
  private static final String CHAT = "{\"model\":\"chat\",\"messages\":[]}";
  private static final Generated FAST =
      new Generated(RequestSource.PROBES, 50_000, false, List.of(), 16);
  private static final Script ANSWER =
      events(
          List.of(
              "data: {\"choices\":[{\"delta\":{\"content\":\"I cannot help\"}}]}\n\n",
              "data: {\"choices\":[{\"delta\":{\"content\":\" with that\"}}]}\n\n",
              "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
              "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":6}}\n\n",
              "data: [DONE]\n\n"));

  private final GatewayFixture weir = new GatewayFixture();
  private final FakeModelServer stable = weir.server().byDefault(ANSWER);
  private final FakeModelServer canary = weir.server().byDefault(ANSWER);

  @AfterEach
  void close() {
    weir.close();
  }

  private ServiceEntry service(Generated generated) {
    return GatewayFixture.service(
        GatewayFixture.arm("1", stable),
        List.of(GatewayFixture.canary(10_000, canary).generating(generated)),
        GatewayFixture.LONG);
  }

  private List<AttemptEnd> ends(int count) throws InterruptedException {
    List<AttemptEnd> ends = new ArrayList<>();
    while (ends.size() < count) {
      ends.add(GatewayFixture.Memory.next(weir.recorder.generatedEnds));
    }
    return ends;
  }

  private long count(String result) {
    return Objects.requireNonNull(weir.gateway.generated().get(result)).getAsLong();
  }

  /// Sends the given number of client requests, so that the gateway's only loop runs its tasks.
  private void turns(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      assertThat(weir.chat(CHAT).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void each_version_gets_half_of_the_requests_and_is_measured_as_for_a_client() throws Exception {
    weir.serve(service(FAST));
    List<AttemptEnd> ends = ends(60);
    assertThat(ends)
        .allSatisfy(end -> {
          assertThat(end.outcome()).isEqualTo(Outcome.SUCCESS);
          assertThat(end.number()).isEqualTo(1);
          assertThat(end.ttftMicros()).isNotNegative();
          assertThat(end.itlMicros()).isNotNegative();
          assertThat(end.outputTokens()).isEqualTo(6);
          assertThat(end.traits()).hasSize(1);
        });
    // With 60 requests and equal shares, fewer than 12 for one version has a chance below 1e-6.
    assertThat(ends.stream().filter(end -> end.version().equals("chat@2")).count())
        .isBetween(12L, 48L);
    assertThat(weir.recorder.generated)
        .allSatisfy(arrival -> {
          assertThat(arrival.decision().membership()).isEqualTo(CohortMembership.GENERATED);
          assertThat(arrival.decision().stratum()).isEqualTo(RequestSource.PROBES);
          assertThat(arrival.decision().weightMillionths()).isEqualTo(500_000);
        });
    FakeModelServer.Received request = canary.take();
    assertThat(request.headers())
        .containsEntry("x-weir-generated", "probes")
        .containsEntry("content-type", "application/json")
        .doesNotContainKey("authorization");
    assertThat(request.body()).contains("\"max_tokens\":16").contains("\"stream\":true");
    assertThat(weir.recorder.arrivals).as("no client sent a request").isEmpty();
    assertThat(weir.recorder.completed).isEmpty();
  }

  @Test
  void nothing_is_generated_without_the_lease() throws Exception {
    weir.serve(service(FAST));
    ends(3);
    weir.snapshots.lease = false;
    turns(1);
    weir.recorder.generated.clear();
    weir.skip(Duration.ofSeconds(20));
    turns(60);
    assertThat(weir.recorder.generated).isEmpty();
  }

  @Test
  void each_gateway_generates_its_part() throws Exception {
    weir.snapshots.gateways = 100_000_000;
    weir.serve(service(FAST));
    turns(1);
    weir.skip(Duration.ofSeconds(20));
    turns(60);
    assertThat(weir.recorder.generated).isEmpty();
    weir.snapshots.gateways = 1;
    ends(3);
  }

  @Test
  void a_client_never_waits_for_generated_requests_and_has_half_of_the_slots() throws Exception {
    stable.byDefault(silence());
    canary.byDefault(silence());
    Admission four = new Admission(Limits.NONE, Limits.NONE, Map.of(), 4, 0);
    weir.serve(service(FAST).with(four));
    while (count("dropped") < 20) {
      assertThat(weir.recorder.generated).hasSizeLessThanOrEqualTo(2);
    }
    assertThat(weir.recorder.generated).hasSize(2);
    List<CompletableFuture<?>> clients = List.of(weir.chatLater(CHAT), weir.chatLater(CHAT));
    GatewayFixture.Memory.next(weir.recorder.arrivals);
    GatewayFixture.Memory.next(weir.recorder.arrivals);
    assertThat(weir.gateway.waiting()).isZero();
    assertThat(clients).hasSize(2);
  }

  @Test
  void hanging_requests_are_bounded_and_the_rest_is_not_sent() throws Exception {
    stable.byDefault(silence());
    canary.byDefault(silence());
    weir.serve(service(FAST));
    while (count("dropped") < 10) {
      assertThat(weir.recorder.generated).hasSizeLessThanOrEqualTo(Generator.MAX_IN_FLIGHT);
    }
    assertThat(weir.recorder.generated).hasSize(Generator.MAX_IN_FLIGHT);
    assertThat(weir.gateway.inFlight().values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(Generator.MAX_IN_FLIGHT);
  }

  @Test
  void a_failure_counts_for_the_drawn_version_and_is_not_retried_elsewhere() throws Exception {
    canary.byDefault(json(500, "{\"error\":{\"message\":\"boom\"}}"));
    weir.serve(service(FAST));
    List<AttemptEnd> ends = ends(40);
    assertThat(ends)
        .allSatisfy(end ->
            assertThat(end.outcome())
                .isEqualTo(end.version().equals("chat@2") ? Outcome.FAILURE : Outcome.SUCCESS));
    assertThat(ends).extracting(AttemptEnd::version).contains("chat@1", "chat@2");
    assertThat(count("failed")).isPositive();
  }

  @Test
  void a_version_without_a_replica_fails_its_generated_requests() throws Exception {
    weir.serve(
        GatewayFixture.service(
            GatewayFixture.arm("1", stable),
            List.of(GatewayFixture.canary(10_000).generating(FAST)),
            GatewayFixture.LONG));
    List<AttemptEnd> ends = ends(30);
    assertThat(ends)
        .filteredOn(end -> end.version().equals("chat@2"))
        .isNotEmpty()
        .allSatisfy(end -> assertThat(end.outcome()).isEqualTo(Outcome.FAILURE));
  }

  @Test
  void a_prompt_that_the_engine_refuses_does_not_count_against_the_version() throws Exception {
    canary.byDefault(json(400, "{\"error\":{\"message\":\"no chat template\"}}"));
    weir.serve(service(FAST));
    assertThat(ends(30))
        .filteredOn(end -> end.version().equals("chat@2"))
        .isNotEmpty()
        .allSatisfy(end -> assertThat(end.outcome()).isEqualTo(Outcome.NEUTRAL));
  }

  @Test
  void a_draining_gateway_generates_no_more_requests() throws Exception {
    weir.serve(service(FAST));
    ends(3);
    try (Socket slow = weir.socket()) {
      GatewayFixture.send(
          slow,
          "POST /v1/chat/completions HTTP/1.1\r\nHost: w\r\nAuthorization: Bearer good\r\n"
              + "Content-Length: 10\r\n\r\n{");
      while (weir.gateway.connections() == 0) {
        Thread.onSpinWait();
      }
      weir.recorder.generated.clear();
      boolean ended = weir.gateway.drain(Duration.ofSeconds(1));
      assertThat(ended).as("a request is in flight").isFalse();
      // In that second the gateway would have generated 50 requests.
      assertThat(weir.recorder.generated).hasSizeLessThanOrEqualTo(3);
    }
  }

  @Test
  void completions_and_user_prompts_are_sent_when_configured() throws Exception {
    weir.serve(
        service(new Generated(RequestSource.PROBES, 50_000, true, List.of("Count to ten."), 8)));
    FakeModelServer.Received request = canary.take();
    assertThat(request.target()).isEqualTo("/v1/completions");
    assertThat(request.body()).contains("\"prompt\":\"Count to ten.\"");
  }
}
