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
import static dev.weir.testkit.FakeModelServer.Script.reset;
import static dev.weir.testkit.FakeModelServer.Script.silence;
import static dev.weir.testkit.FakeModelServer.Script.stallAfter;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.snapshot.RequestSource;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Audience;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.snapshot.Telemetry.Trait;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Script;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A version under test that gets copies of requests. Whatever happens to the copies, clients get
/// exactly the answers of the stable version.
@Timeout(120)
class ShadowTest {
  private static final String ASK =
      "{\"model\":\"chat\",\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
  private static final String STREAMED =
      ASK.replace("\"temperature\"", "\"stream\":true,\"temperature\"");
  private static final String ANSWER = whole("Hello");
  private static final List<String> STREAM = stream("Hel", "lo");
  private static final int ALL = 1_000_000;

  private final GatewayFixture weir = new GatewayFixture();
  private final FakeModelServer stable = weir.server().byDefault(answer("Hello", STREAM));
  private final FakeModelServer next = weir.server().byDefault(answer("Hello", STREAM));

  @AfterEach
  void close() {
    weir.close();
  }

  /// Streams if the request asks for it.
  private static Script answer(String text, List<String> events) {
    return (request, wire) ->
        (request.body().contains("\"stream\":true") ? events(events) : json(200, whole(text)))
            .play(request, wire);
  }

  private void shadow(int shareMillionths) {
    shadow(canary(0, next).shadowing(shareMillionths), LONG);
  }

  private void shadow(CanaryArm canary, Timeouts timeouts) {
    weir.serve(service(arm("1", stable), List.of(canary), timeouts));
  }

  private AttemptEnd copied() throws InterruptedException {
    return Memory.next(weir.recorder.copies);
  }

  private long counted(String result) {
    return Objects.requireNonNull(weir.gateway.shadowed().get(result)).getAsLong();
  }

  /// Copies are asynchronous: each poll is a request that the loop answers between them.
  private void await(String result, long count) throws Exception {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (counted(result) < count && System.nanoTime() < until) {
      weir.get("/health");
    }
    assertThat(counted(result)).as(result).isEqualTo(count);
  }

  private void assertNothingInFlight() throws Exception {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while ((weir.gateway.shadowsInFlight() > 0 || !weir.gateway.inFlight().isEmpty())
        && System.nanoTime() < until) {
      weir.get("/health");
    }
    assertThat(weir.gateway.shadowsInFlight()).isZero();
    assertThat(weir.gateway.inFlight()).isEmpty();
  }

  @Test
  void a_shadow_answers_no_client_and_its_answer_is_measured_like_that_of_a_canary()
      throws Exception {
    shadow(ALL);
    next.byDefault(answer("I cannot help with that.", stream("I can", "not help with that.")));

    for (String ask : List.of(ASK, STREAMED)) {
      HttpResponse<String> response = weir.chat(ask);

      assertThat(response.body()).isEqualTo(ask.equals(ASK) ? ANSWER : String.join("", STREAM));
      assertThat(response.headers().firstValue("x-weir-version")).contains("chat@1");
      FakeModelServer.Received copy = next.take();
      assertThat(copy.body()).isEqualTo(ask);
      assertThat(copy.headers()).containsEntry("x-weir-mirror", "1");
      assertThat(stable.take().headers()).doesNotContainKey("x-weir-mirror");
      assertThat(Memory.next(weir.recorder.arrivals).decision())
          .satisfies(decision -> {
            assertThat(decision.membership()).isEqualTo(CohortMembership.COUNTED);
            assertThat(decision.toCanary()).isFalse();
            assertThat(decision.mirrored()).isTrue();
            assertThat(decision.weightMillionths()).isEqualTo(500_000);
          });
      AttemptEnd own = Memory.next(weir.recorder.attempts);
      AttemptEnd copied = copied();
      assertThat(copied.version()).isEqualTo("chat@2");
      assertThat(copied.outcome()).isEqualTo(Outcome.SUCCESS);
      assertThat(copied.ttftMicros()).isPositive();
      assertThat(copied.e2eMicros()).isGreaterThanOrEqualTo(copied.ttftMicros());
      assertThat(copied.outputTokens()).isEqualTo(2);
      assertThat(copied.traits()).containsExactly(Trait.REFUSAL);
      assertThat(own.traits()).isEmpty();
      assertThat(own.sketch().orElseThrow().greedy()).isTrue();
      assertThat(own.sketch().orElseThrow().similarity(copied.sketch().orElseThrow()))
          .isLessThan(.5);
      assertThat(Memory.next(weir.recorder.copiesFinished).status()).isEqualTo(200);
    }
    assertThat(weir.recorder.attempts).as("the requests have no attempt").isEmpty();
    await("answered", 2);
    assertNothingInFlight();
  }

  static Stream<Arguments> shadowFailures() {
    return Stream.of(
        Arguments.of("silent", silence(), Outcome.FAILURE),
        Arguments.of("reset", reset(), Outcome.FAILURE),
        Arguments.of("failing", json(500, "{}"), Outcome.FAILURE),
        Arguments.of("full", json(429, "{}"), Outcome.BACKPRESSURE),
        Arguments.of("refusing", json(400, "{}"), Outcome.NEUTRAL),
        Arguments.of("stalling", stallAfter(STREAM, 1), Outcome.FAILURE),
        Arguments.of("cut", cutAfter(STREAM, 1), Outcome.FAILURE),
        Arguments.of(
            "endless head", garbage("HTTP/1.1 200 OK\r\nx: ".repeat(10_000)), Outcome.FAILURE),
        Arguments.of("no HTTP", garbage("\u0000\u0001 garbage\r\n\r\n"), Outcome.FAILURE),
        Arguments.of("garbled", events(List.of(STREAM.get(0), "data: {{{\n\n")), Outcome.FAILURE));
  }

  private static Script garbage(String text) {
    return (_, wire) -> {
      wire.raw(text);
      wire.closeGracefully();
      return false;
    };
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("shadowFailures")
  void a_failing_shadow_changes_no_byte_of_what_clients_get(
      String what, Script trouble, Outcome outcome) throws Exception {
    Timeouts hasty = new Timeouts(5_000, 400, 400, 40_000);
    weir.serve(service(arm("1", stable), List.of(), hasty));
    String alone = visible(weir.chat(STREAMED));
    shadow(canary(0, next).shadowing(ALL), hasty);
    next.byDefault(trouble);

    for (int i = 0; i < 8; i++) {
      assertThat(visible(weir.chat(STREAMED))).as(what).isEqualTo(alone);
      AttemptEnd copied = copied();
      assertThat(copied.outcome()).isEqualTo(outcome);
      assertThat(copied.number()).as("one attempt").isEqualTo(1);
    }

    await("failed", 8);
    assertThat(next.drainReceived()).as("no retry").hasSize(8);
    assertThat(weir.recorder.attempts).as("attempts of the requests").hasSize(9);
    assertThat(Objects.requireNonNull(weir.gateway.breakers().get("closed")).getAsLong())
        .as("at least at the stable replica")
        .isPositive();
    assertNothingInFlight();
  }

  /// Everything that a client can see, without the parts that always differ.
  private static String visible(HttpResponse<String> response) {
    Map<String, List<String>> headers = new TreeMap<>(response.headers().map());
    headers.keySet().removeAll(Set.of("x-request-id", "date"));
    return response.statusCode() + " " + headers + "\n" + response.body();
  }

  @Test
  void a_shadow_that_is_dead_or_has_no_replica_fails_only_its_copies() throws Exception {
    FakeModelServer closed = FakeModelServer.start();
    String closedUrl = closed.url();
    closed.close();
    Arm dead = new Arm("chat@2", List.of(new ReplicaEntry("chat-2-0", closedUrl, "vllm", "chat")));
    for (Arm shadow : List.of(dead, new Arm("chat@2", List.of()))) {
      shadow(new CanaryArm(shadow, "default/chat-1", 0, "salt", 0, true).shadowing(ALL), LONG);

      assertThat(weir.chat(ASK).body()).isEqualTo(ANSWER);

      AttemptEnd copied = copied();
      assertThat(copied.outcome()).isEqualTo(Outcome.FAILURE);
      assertThat(copied.replica().isPresent()).isEqualTo(!shadow.replicas().isEmpty());
    }
    await("failed", 2);
    assertNothingInFlight();
  }

  @Test
  void a_copy_continues_after_its_client_has_its_answer() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    next.byDefault((request, wire) -> {
      answered.await();
      return json(200, ANSWER).play(request, wire);
    });
    shadow(ALL);

    assertThat(weir.chat(ASK).body()).isEqualTo(ANSWER);
    assertThat(Memory.next(weir.recorder.completed).status()).isEqualTo(200);
    assertThat(weir.recorder.copies).isEmpty();
    assertThat(weir.gateway.inFlight()).as("a drain waits for it").hasSize(1);
    answered.countDown();

    assertThat(copied().outcome()).isEqualTo(Outcome.SUCCESS);
    assertNothingInFlight();
  }

  @Test
  void a_client_that_disconnects_ends_both_and_neither_counts_against_its_version()
      throws Exception {
    stable.byDefault(silence());
    next.byDefault(silence());
    shadow(ALL);
    try (Socket client = weir.socket()) {
      GatewayFixture.send(
          client,
          "POST /v1/chat/completions HTTP/1.1\r\nhost: weir\r\nauthorization: Bearer good\r\n"
              + "content-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
                  .formatted(ASK.length(), ASK));
      stable.take();
      next.take();
    }
    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.NEUTRAL);
    assertThat(copied().outcome()).isEqualTo(Outcome.NEUTRAL);
    await("cancelled", 1);
    assertNothingInFlight();
  }

  @Test
  void copies_above_the_bound_are_dropped_and_their_requests_are_not_compared() throws Exception {
    int more = 8;
    next.byDefault(silence());
    shadow(canary(0, next).shadowing(ALL), new Timeouts(5_000, 20_000, 20_000, 40_000));
    for (int i = 0; i < ShadowTracker.MAX_OF_SERVICE + more; i++) {
      assertThat(weir.chat(ASK).body()).isEqualTo(ANSWER);
      assertThat(Memory.next(weir.recorder.arrivals).decision().membership())
          .isEqualTo(
              i < ShadowTracker.MAX_OF_SERVICE
                  ? CohortMembership.COUNTED
                  : CohortMembership.COPY_DROPPED);
    }
    await("dropped", more);
    assertThat(weir.gateway.shadowsInFlight()).isEqualTo(ShadowTracker.MAX_OF_SERVICE);

    next.close();

    await("failed", ShadowTracker.MAX_OF_SERVICE);
    assertThat(weir.recorder.copies).hasSize(ShadowTracker.MAX_OF_SERVICE);
    assertNothingInFlight();
  }

  @Test
  void a_large_body_is_not_copied() throws Exception {
    shadow(ALL);
    String large = ASK.replace("Hi", "x".repeat(ShadowTracker.MAX_BODY));
    assertThat(weir.chat(large).body()).isEqualTo(ANSWER);
    assertThat(Memory.next(weir.recorder.arrivals).decision().membership())
        .isEqualTo(CohortMembership.COPY_DROPPED);
    assertThat(next.accepts()).isZero();
    await("dropped", 1);
  }

  @Test
  void without_a_lease_or_outside_the_share_or_the_audience_nothing_is_copied() throws Exception {
    shadow(ALL);
    weir.snapshots.lease = false;
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    assertThat(Memory.next(weir.recorder.arrivals).decision())
        .satisfies(decision -> {
          assertThat(decision.membership()).isEqualTo(CohortMembership.NOT_MIRRORED);
          assertThat(decision.weightMillionths()).isZero();
        });
    weir.snapshots.lease = true;
    shadow(
        canary(0, next).shadowing(ALL).with(List.of(new Audience(Map.of(), List.of("acme")))),
        LONG);
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    assertThat(Memory.next(weir.recorder.arrivals).decision().membership())
        .isEqualTo(CohortMembership.NOT_IN_AUDIENCE);
    assertThat(next.accepts()).isZero();
  }

  @Test
  void callers_outside_the_drawn_audience_are_mirrored() throws Exception {
    var preview = List.of(new Audience(Map.of("x-preview", "yes"), List.of()));
    CanaryArm shadow = canary(0, next).shadowing(ALL).with(preview);
    shadow(
        new CanaryArm(shadow.arm(), shadow.rollout(), 0, "salt", ALL, true, shadow.audience(), ALL),
        LONG);
    HttpResponse<String> drawn = weir.chat(ASK, "x-preview", "yes", "x-weir-session", "one");
    HttpResponse<String> other = weir.chat(ASK, "x-weir-session", "one");

    assertThat(drawn.headers().firstValue("x-weir-version")).contains("chat@2");
    assertThat(other.headers().firstValue("x-weir-version")).contains("chat@1");
    assertThat(Memory.next(weir.recorder.arrivals).decision().stratum())
        .isEqualTo(RequestSource.CLIENTS);
    assertThat(Memory.next(weir.recorder.arrivals).decision())
        .satisfies(decision -> {
          assertThat(decision.stratum()).isEqualTo(RequestSource.MIRRORED);
          assertThat(decision.membership())
              .as("the other half of the session is unknown here")
              .isEqualTo(CohortMembership.COUNTED);
        });
    assertThat(copied().outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(next.drainReceived()).hasSize(2);
  }

  @Test
  void the_share_is_copied_and_a_session_is_copied_completely_or_not_at_all() throws Exception {
    shadow(250_000);
    int mirrored = 0;
    for (int session = 0; session < 40; session++) {
      List<Boolean> copied = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        assertThat(weir.chat(ASK, "x-weir-session", "s" + session).statusCode()).isEqualTo(200);
        copied.add(Memory.next(weir.recorder.arrivals).decision().mirrored());
      }
      assertThat(copied.get(0)).isEqualTo(copied.get(1));
      mirrored += copied.get(0) ? 2 : 0;
    }
    assertThat(mirrored).isBetween(6, 40);
    await("answered", mirrored);
    assertThat(next.drainReceived()).hasSize(mirrored);
  }

  @Test
  void circuit_breakers_of_the_shadow_open_and_those_of_the_stable_version_do_not()
      throws Exception {
    next.byDefault(json(500, "{}"));
    shadow(ALL);
    for (int i = 0; i < 6; i++) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
      assertThat(copied().outcome()).isEqualTo(Outcome.FAILURE);
    }
    assertThat(Objects.requireNonNull(weir.gateway.breakers().get("open")).getAsLong())
        .isEqualTo(1);
    assertThat(Objects.requireNonNull(weir.gateway.breakers().get("closed")).getAsLong())
        .isEqualTo(1);
  }

  @Test
  void failures_of_the_stable_version_do_not_count_against_the_shadow() throws Exception {
    stable.then(json(500, "{}"));
    shadow(ALL);
    CompletableFuture<HttpResponse<String>> response = weir.chatLater(ASK);
    assertThat(copied().outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(response.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(500);
    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(Memory.next(weir.recorder.mirrored)).isEqualTo("default/chat chat@2 running");
    assertThat(Memory.next(weir.recorder.mirrored)).isEqualTo("default/chat chat@2 answered");
  }
}
