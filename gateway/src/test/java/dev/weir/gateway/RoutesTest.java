// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.gateway.GatewayFixture.LONG;
import static dev.weir.testkit.FakeModelServer.Script.cutAfter;
import static dev.weir.testkit.FakeModelServer.Script.json;
import static dev.weir.testkit.FakeModelServer.Script.reset;
import static dev.weir.testkit.FakeModelServer.Script.silence;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.dialect.RecordedResponses;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.FallbackTrace;
import dev.weir.snapshot.RoutingSnapshot.Admission;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Backend;
import dev.weir.snapshot.RoutingSnapshot.Cause;
import dev.weir.snapshot.RoutingSnapshot.Ceilings;
import dev.weir.snapshot.RoutingSnapshot.Fallback;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.Limits;
import dev.weir.snapshot.RoutingSnapshot.Mirror;
import dev.weir.snapshot.RoutingSnapshot.Priority;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.Rule;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import dev.weir.snapshot.Telemetry;
import dev.weir.testkit.FakeModelServer;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Several Services share one public name.
class RoutesTest {
  private static final String ASK = "{\"model\":\"chat\",\"messages\":[]}";
  private static final String STREAMED = "{\"model\":\"chat\",\"messages\":[],\"stream\":true}";

  private final GatewayFixture weir = new GatewayFixture();
  private final FakeModelServer own = weir.server().byDefault(answers("own"));
  private final FakeModelServer hosted = weir.server().byDefault(answers("hosted"));

  @AfterEach
  void stop() {
    weir.close();
  }

  private static FakeModelServer.Script answers(String text) {
    return json(
        200,
        "{\"choices\":[{\"message\":{\"content\":\"%s\"},\"finish_reason\":\"stop\"}]}"
            .formatted(text));
  }

  private static ServiceEntry service(String name, ReplicaEntry... replicas) {
    return new ServiceEntry(
        "default/" + name,
        "default",
        name,
        new Arm(name + "@1", List.of(replicas)),
        List.of(),
        LONG,
        100,
        3,
        true,
        "");
  }

  private ServiceEntry own() {
    return service("own", new ReplicaEntry("own-1-0", own.url(), "vllm", "chat"));
  }

  /// A provider that uses its own name for the model and demands a key.
  private ServiceEntry hosted() {
    String credential = "env:" + GatewayFixture.VARIABLE;
    return service(
        "hosted",
        new ReplicaEntry("hosted-1-0", hosted.url(), "openai", "large", credential, "", ""));
  }

  private static RouteEntry route(List<Rule> rules, Fallback... fallbacks) {
    return route(rules, List.of(fallbacks), List.of());
  }

  private static RouteEntry route(
      List<Rule> rules, List<Fallback> fallbacks, List<Mirror> mirrors) {
    return route(rules, fallbacks, mirrors, Ceilings.NONE);
  }

  private static RouteEntry route(
      List<Rule> rules, List<Fallback> fallbacks, List<Mirror> mirrors, Ceilings ceilings) {
    return new RouteEntry(
        "chat",
        "default",
        List.of(new Backend("default/own", 1)),
        "chat",
        rules,
        fallbacks,
        mirrors,
        ceilings);
  }

  private void mirror(int shareMillionths, ServiceEntry to) {
    RouteEntry route =
        route(List.of(), List.of(), List.of(new Mirror("default/hosted", shareMillionths)));
    weir.serve(List.of(route), own(), to);
  }

  private long mirrored(String result) {
    return Objects.requireNonNull(weir.gateway.mirrored().get(result)).getAsLong();
  }

  private static Fallback to(String service, Cause... causes) {
    return new Fallback("default/" + service, List.of(causes));
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  @Test
  void when_no_replica_is_reachable_the_next_service_answers_and_the_first_is_charged()
      throws Exception {
    own.close();
    weir.serve(List.of(route(List.of(), to("hosted", Cause.DOWN))), own(), hosted());

    HttpResponse<String> answer = weir.chat(ASK);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("hosted");
    assertThat(header(answer, "x-weir-service")).isEqualTo("default/hosted");
    assertThat(header(answer, "x-weir-version")).isEqualTo("hosted@1");
    assertThat(header(answer, "x-weir-replica")).isEqualTo("hosted-1-0");
    assertThat(header(answer, "x-weir-fallback")).isEqualTo("down");
    assertThat(hosted.take().headers())
        .containsEntry("authorization", "Bearer " + GatewayFixture.SECRET);
    AttemptEnd first = Memory.next(weir.recorder.attempts);
    assertThat(first.service()).isEqualTo("default/own");
    assertThat(first.outcome()).isEqualTo(Telemetry.Outcome.FAILURE);
    AttemptEnd second = Memory.next(weir.recorder.attempts);
    assertThat(second.number()).isEqualTo(2);
    assertThat(second.service()).isEqualTo("default/hosted");
    CompletedRequest completed = Memory.next(weir.recorder.completed);
    assertThat(completed.failure()).isEmpty();
    assertThat(completed.service()).isEqualTo("default/hosted");
    assertThat(completed.fallbackTrace()).isEqualTo(new FallbackTrace("chat", List.of(Cause.DOWN)));
    assertThat(Memory.next(weir.recorder.arrivals).decision().service().id())
        .isEqualTo("default/own");
  }

  @Test
  void lower_timeouts_of_a_route_apply_at_every_service_of_its_chain() throws Exception {
    own.byDefault(silence());
    hosted.byDefault(silence());
    Ceilings soon = new Ceilings(0, 100, 0, 0);
    weir.serve(
        List.of(route(List.of(), List.of(to("hosted", Cause.DOWN)), List.of(), soon)),
        own(),
        hosted());

    HttpResponse<String> answer = weir.chat(STREAMED);

    assertThat(answer.statusCode()).isEqualTo(504);
    assertThat(answer.body()).contains("first_token_timeout");
    assertThat(own.drainReceived()).isNotEmpty();
    assertThat(hosted.drainReceived()).isNotEmpty();
  }

  @Test
  void timeouts_of_a_route_never_raise_those_of_a_service() {
    assertThat(new Ceilings(1, 20_000, 300, 0).over(new Timeouts(1_000, 10_000, 5_000, 120_000)))
        .isEqualTo(new Timeouts(1, 10_000, 300, 120_000));
  }

  @Test
  void a_service_without_replicas_is_down() throws Exception {
    weir.serve(List.of(route(List.of(), to("hosted", Cause.DOWN))), service("own"), hosted());
    assertThat(header(weir.chat(ASK), "x-weir-fallback")).isEqualTo("down");
    assertThat(Memory.next(weir.recorder.attempts).failure().orElseThrow().kind())
        .isEqualTo(Failure.Kind.NO_REPLICA);
  }

  @Test
  void a_full_engine_is_saturated_and_a_fallback_for_another_cause_is_not_called()
      throws Exception {
    own.byDefault(json(503, "{\"error\":{\"message\":\"full\"}}"));
    weir.serve(List.of(route(List.of(), to("hosted", Cause.DOWN))), own(), hosted());
    HttpResponse<String> refused = weir.chat(ASK);
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).contains("full");
    assertThat(header(refused, "x-weir-fallback")).isEmpty();

    weir.serve(List.of(route(List.of(), to("hosted", Cause.SATURATED))), own(), hosted());
    assertThat(header(weir.chat(ASK), "x-weir-fallback")).isEqualTo("saturated");
    assertThat(hosted.drainReceived()).hasSize(1);
  }

  @Test
  void a_request_over_a_service_limit_falls_back_and_counts_once_for_the_key() throws Exception {
    weir.keys.plain =
        new KeyEntry(
            "sha256:3",
            "app",
            "default",
            Long.MAX_VALUE,
            List.of(),
            false,
            new Limits(3, 0, 0),
            Priority.NORMAL);
    ServiceEntry limited =
        own().with(new Admission(new Limits(1, 0, 0), Limits.NONE, Map.of(), 0, 0));
    weir.serve(List.of(route(List.of(), to("hosted", Cause.SATURATED))), limited, hosted());
    assertThat(weir.chat(ASK).body()).contains("own");
    assertThat(Memory.next(weir.recorder.completed).service()).isEqualTo("default/own");

    HttpResponse<String> second = weir.chat(ASK);

    assertThat(header(second, "x-weir-service")).isEqualTo("default/hosted");
    assertThat(header(second, "x-weir-fallback")).isEqualTo("saturated");
    assertThat(header(second, "x-ratelimit-remaining-requests")).isEqualTo("1");
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    HttpResponse<String> fourth = weir.chat(ASK);
    assertThat(fourth.statusCode()).as("the limit of the key still applies").isEqualTo(429);
    assertThat(fourth.body()).contains("of this key");
  }

  @Test
  void a_request_that_waits_in_vain_for_a_replica_falls_back() throws Exception {
    weir.serve(
        List.of(route(List.of(), to("hosted", Cause.DOWN))),
        service("own").with(new Admission(Limits.NONE, Limits.NONE, Map.of(), 0, 100)),
        hosted());
    HttpResponse<String> answer = weir.chat(ASK);
    assertThat(answer.body()).contains("hosted");
    assertThat(header(answer, "x-weir-fallback")).isEqualTo("down");
    assertThat(weir.recorder.refused).isEmpty();
    assertThat(Memory.next(weir.recorder.arrivals).queuedNanos()).isPositive();
  }

  @Test
  void a_full_bulkhead_is_saturated() throws Exception {
    own.byDefault(silence());
    weir.serve(
        List.of(route(List.of(), to("hosted", Cause.SATURATED))),
        own().with(new Isolation(5, 10_000, 10, 50, 1)),
        hosted());
    try (Socket hanging = weir.socket()) {
      GatewayFixture.send(
          hanging,
          "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\n"
              + "Content-Type: application/json\r\nContent-Length: "
              + ASK.length()
              + "\r\n\r\n"
              + ASK);
      own.take();
      assertThat(header(weir.chat(ASK), "x-weir-service")).isEqualTo("default/hosted");
    }
  }

  @ParameterizedTest
  @MethodSource("dev.weir.gateway.dialect.RecordedResponses#contextTooLong")
  void a_context_that_is_too_long_falls_back_to_the_larger_model_and_no_replica_is_blamed(
      RecordedResponses.Refusal tooLong) throws Exception {
    own.byDefault(json(400, tooLong.body()));
    weir.serve(List.of(route(List.of(), to("hosted", Cause.CONTEXT_TOO_LONG))), own(), hosted());
    HttpResponse<String> answer = weir.chat(ASK);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(header(answer, "x-weir-fallback")).isEqualTo("contextTooLong");
    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Telemetry.Outcome.NEUTRAL);
  }

  @Test
  void a_client_gets_other_errors_and_this_one_if_no_service_takes_longer_contexts()
      throws Exception {
    weir.serve(List.of(route(List.of(), to("hosted", Cause.CONTEXT_TOO_LONG))), own(), hosted());
    own.byDefault(json(400, "{\"error\":{\"message\":\"messages must not be empty\"}}"));
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(400);
    weir.serve(List.of(route(List.of())), own(), hosted());
    String tooLong = "{\"error\":\"the input length exceeds the context length\"}";
    own.byDefault(json(400, tooLong));
    HttpResponse<String> untouched = weir.chat(ASK);
    assertThat(untouched.statusCode()).isEqualTo(400);
    assertThat(untouched.body()).isEqualTo(tooLong);
  }

  @Test
  void the_chain_continues_by_the_cause_of_its_last_service_and_ends() throws Exception {
    FakeModelServer third = weir.server().byDefault(answers("third"));
    own.byDefault(reset());
    hosted.byDefault(json(429, "{}"));
    weir.serve(
        List.of(
            route(
                List.of(),
                to("hosted", Cause.DOWN),
                to("third", Cause.SATURATED),
                to("own", Cause.SATURATED, Cause.DOWN))),
        own(),
        hosted(),
        service("third", new ReplicaEntry("third-1-0", third.url(), "vllm", "chat")));
    HttpResponse<String> answer = weir.chat(ASK);
    assertThat(answer.body()).contains("third");
    assertThat(header(answer, "x-weir-fallback")).isEqualTo("down, saturated");
    assertThat(header(answer, "x-weir-attempts")).isEqualTo("3");

    third.byDefault(reset());
    HttpResponse<String> failed = weir.chat(ASK);
    assertThat(failed.statusCode()).isEqualTo(502);
    assertThat(header(failed, "x-weir-service")).isEqualTo("default/third");
  }

  @Test
  void a_started_stream_does_not_fall_back() throws Exception {
    weir.serve(List.of(route(List.of(), to("hosted", Cause.values()))), own(), hosted());
    String event = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
    own.byDefault(cutAfter(List.of(event), 1));
    HttpResponse<String> cut = weir.chat(ASK.replace("}", ",\"stream\":true,\"n\":2}"));
    assertThat(cut.body()).contains("stream_cut").doesNotContain("hosted");
    assertThat(hosted.accepts()).isZero();
  }

  @Test
  void a_request_pinned_to_a_version_gets_no_other() throws Exception {
    weir.serve(List.of(route(List.of(), to("hosted", Cause.values()))), own(), hosted());
    own.byDefault(reset());
    HttpResponse<String> pinned =
        weir.chat(ASK, "authorization", "Bearer pinning", "x-weir-version", "1");
    assertThat(pinned.statusCode()).isEqualTo(502);
    assertThat(hosted.accepts()).isZero();
  }

  @Test
  void the_deadline_of_the_first_service_bounds_the_chain() throws Exception {
    own.byDefault(reset());
    hosted.byDefault(silence());
    ServiceEntry first = own();
    ServiceEntry hasty =
        new ServiceEntry(
            first.id(),
            "default",
            "own",
            first.stable(),
            List.of(),
            new Timeouts(5_000, 20_000, 20_000, 300),
            100,
            3,
            true,
            "");
    weir.serve(List.of(route(List.of(), to("hosted", Cause.DOWN))), hasty, hosted());
    HttpResponse<String> answer = weir.chat(ASK);
    assertThat(answer.statusCode()).isEqualTo(504);
    assertThat(answer.body()).contains("total_timeout");
    assertThat(header(answer, "x-weir-service")).isEqualTo("default/hosted");
  }

  @Test
  void a_mirror_gets_a_marked_copy_under_its_own_name_and_key_and_no_client_notices()
      throws Exception {
    mirror(1_000_000, hosted());
    HttpResponse<String> answer = weir.chat(ASK);
    assertThat(answer.body()).contains("own");
    assertThat(header(answer, "x-weir-service")).isEqualTo("default/own");
    FakeModelServer.Received copy = hosted.take();
    assertThat(copy.headers())
        .containsEntry("x-weir-mirror", "1")
        .containsEntry("authorization", "Bearer " + GatewayFixture.SECRET);
    assertThat(copy.body()).isEqualTo(ASK.replace("chat", "large"));
    assertThat(own.take().headers()).doesNotContainKey("x-weir-mirror");
    assertThat(Memory.next(weir.recorder.completed).attempts()).isEqualTo(1);
    assertThat(weir.recorder.attempts).hasSize(1);
    assertThat(weir.recorder.arrivals).hasSize(1);
    awaitMirrored("answered", 1);
    assertThat(Memory.next(weir.recorder.mirrored)).isEqualTo("default/hosted running");
    assertThat(Memory.next(weir.recorder.mirrored)).isEqualTo("default/hosted answered");
  }

  @Test
  void a_hanging_mirror_delays_no_client_and_copies_above_its_cap_are_dropped() throws Exception {
    hosted.byDefault(silence());
    mirror(1_000_000, hosted());
    for (int i = 0; i < MirrorTracker.MAX_IN_FLIGHT + 8; i++) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    }
    awaitMirrored("dropped", 8);
    assertThat(mirrored("answered")).isZero();
    assertThat(hosted.accepts()).isLessThanOrEqualTo(MirrorTracker.MAX_IN_FLIGHT);
  }

  @Test
  void a_copy_is_never_retried_and_ends_at_the_mirrors_own_deadline() throws Exception {
    hosted.byDefault(silence());
    ServiceEntry hasty =
        new ServiceEntry(
            "default/hosted",
            "default",
            "hosted",
            hosted().stable(),
            List.of(),
            new Timeouts(5_000, 20_000, 20_000, 200),
            100,
            3,
            true,
            "");
    mirror(1_000_000, hasty);
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    assertThat(hosted.take().headers()).containsEntry("x-weir-mirror", "1");
    awaitMirrored("failed", 1);
    hosted.byDefault(reset());
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    awaitMirrored("failed", 2);
    assertThat(hosted.drainReceived()).hasSize(1);
  }

  /// Copies are asynchronous: each poll is a request that the loop answers after them.
  private void awaitMirrored(String result, long count) throws Exception {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (mirrored(result) < count && System.nanoTime() < until) {
      weir.get("/health");
    }
    assertThat(mirrored(result)).isEqualTo(count);
  }

  @Test
  void only_the_share_is_copied() throws Exception {
    mirror(250_000, hosted());
    for (int i = 0; i < 100; i++) {
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    }
    assertThat(hosted.drainReceived().size()).isBetween(10, 45);
  }

  @Test
  void a_mirror_without_replicas_is_skipped() throws Exception {
    mirror(1_000_000, service("hosted"));
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    awaitMirrored("dropped", 1);
  }

  @Test
  void an_alias_resolves_like_its_route_and_is_listed() throws Exception {
    weir.serve(List.of(route(List.of()), route(List.of()).withAlias("gpt-4o-mini")), own());
    HttpResponse<String> answer = weir.chat(ASK.replace("chat", "gpt-4o-mini"));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(own.take().body()).contains("\"model\":\"chat\"");
    assertThat(weir.get("/v1/models").body()).contains("\"id\":\"chat\"", "\"id\":\"gpt-4o-mini\"");
  }

  @Test
  void a_rule_sends_its_team_to_a_hosted_provider_with_the_providers_key_and_name()
      throws Exception {
    Rule search =
        new Rule(Map.of("x-team", "search"), List.of(), List.of(new Backend("default/hosted", 1)));
    weir.serve(List.of(route(List.of(search))), own(), hosted());
    assertThat(weir.chat(ASK).body()).contains("own");

    HttpResponse<String> answer = weir.chat(ASK, "X-Team", "search");

    assertThat(answer.body()).contains("hosted");
    assertThat(answer.headers().firstValue("x-weir-service")).contains("default/hosted");
    FakeModelServer.Received received = hosted.take();
    assertThat(received.headers())
        .containsEntry("authorization", "Bearer " + GatewayFixture.SECRET);
    assertThat(received.body()).contains("\"model\":\"large\"");
  }
}
