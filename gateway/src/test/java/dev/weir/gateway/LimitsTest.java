// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.gateway.GatewayFixture.LONG;
import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.service;
import static dev.weir.testkit.FakeModelServer.Script.cutAfter;
import static dev.weir.testkit.FakeModelServer.Script.json;
import static dev.weir.testkit.FakeModelServer.Script.reset;
import static dev.weir.testkit.FakeModelServer.Script.silence;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.admission.LimitKind;
import dev.weir.gateway.admission.LimitScope;
import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.Admission;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.Limits;
import dev.weir.snapshot.RoutingSnapshot.Priority;
import dev.weir.testkit.FakeModelServer;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static final String ASK = "{\"model\":\"chat\",\"max_tokens\":100,\"messages\":[]}";
  private static final String STREAMED =
      "{\"model\":\"chat\",\"stream\":true,\"max_tokens\":100,\"n\":2,\"messages\":[]}";
  private static final String EVENT = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
  private static final String ANSWER =
      "{\"id\":\"c1\",\"choices\":[{\"message\":{\"content\":\"ho\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}";

  private final GatewayFixture weir = new GatewayFixture();

  @AfterEach
  void stop() {
    weir.close();
  }

  private static KeyEntry key(boolean pins, Limits limits) {
    return new KeyEntry(
        "sha256:3", "app", "default", Long.MAX_VALUE, List.of(), pins, limits, Priority.NORMAL);
  }

  private static long left(HttpResponse<?> response, String what) {
    return response.headers().firstValueAsLong("x-ratelimit-remaining-" + what).orElseThrow();
  }

  @Test
  void a_client_over_its_limit_gets_429_without_reaching_an_engine_or_the_statistics()
      throws Exception {
    FakeModelServer server = weir.server().byDefault(json(200, ANSWER));
    weir.keys.plain = key(false, new Limits(2, 0, 0));
    weir.serve(server);
    assertThat(left(weir.chat(ASK), "requests")).isEqualTo(1);
    weir.chat(ASK);

    HttpResponse<String> response = weir.chat(ASK);

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.body())
        .contains("rate_limit_exceeded", "2 requests per minute of this key");
    assertThat(response.headers().firstValueAsLong("retry-after").orElseThrow()).isBetween(1L, 30L);
    assertThat(left(response, "requests")).isZero();
    assertThat(Memory.next(weir.recorder.refused).kind()).isEqualTo(Failure.Kind.RATE_LIMITED);
    assertThat(weir.recorder.arrivals).hasSize(2);
    assertThat(weir.gateway.refusals(LimitScope.KEY, LimitKind.REQUESTS)).isEqualTo(1);
    assertThat(weir.gateway.refusals(LimitScope.KEY, LimitKind.TOKENS)).isZero();
    assertThat(server.drainReceived()).hasSize(2);
  }

  @Test
  void the_unused_part_of_a_reservation_is_available_to_the_next_request() throws Exception {
    weir.keys.plain = key(false, new Limits(0, 150, 0));
    weir.serve(weir.server().byDefault(json(200, ANSWER)));
    for (int used = 12; used <= 36; used += 12) {
      HttpResponse<String> response = weir.chat(ASK);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(Memory.next(weir.recorder.completed).outputTokens()).isEqualTo(7);
      assertThat(response.headers().firstValue("x-ratelimit-limit-tokens")).contains("150");
    }
    HttpResponse<String> refused = weir.chat(ASK.replace("100", "200"));
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("x-should-retry")).contains("false");
    assertThat(left(refused, "tokens")).isBetween(150L - 36, 150L);
  }

  @Test
  void limits_of_tenants_and_of_the_service_apply_to_keys_without_limits() throws Exception {
    weir.serve(
        service(arm("1", weir.server().byDefault(json(200, ANSWER))), List.of(), LONG)
            .with(new Admission(new Limits(50, 0, 0), new Limits(1, 0, 0), Map.of(), 0, 0)));
    assertThat(left(weir.chat(ASK), "requests")).isZero();
    assertThat(weir.chat(ASK).body()).contains("1 requests per minute of this tenant");
  }

  @Test
  void with_three_gateways_each_admits_a_third() throws Exception {
    weir.keys.plain = key(false, new Limits(6, 0, 0));
    weir.snapshots.gateways = 3;
    weir.serve(weir.server().byDefault(json(200, ANSWER)));
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(429);
  }

  @Test
  void however_a_request_ends_its_slot_is_released() throws Exception {
    FakeModelServer server = weir.server();
    weir.keys.plain = key(true, new Limits(0, 0, 1));
    weir.serve(server);

    server.then(json(200, ANSWER));
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
    server.then(json(400, "{}"));
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(400);
    server.then(json(503, "{}"));
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(503);
    server.then(reset(), reset()); // the gateway retries a dead pooled connection
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(502);
    server.then(cutAfter(List.of(EVENT, EVENT), 1));
    assertThat(weir.chat(STREAMED).body()).contains("stream_cut");
    server.then(silence());
    assertThat(weir.chat(ASK, "x-weir-timeout", "0.05").statusCode()).isEqualTo(504);
    assertThat(weir.chat(ASK, "x-weir-version", "9").statusCode()).isEqualTo(400);
    hangUp(server);
    weir.serve(service(arm("1"), List.of(), LONG));
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(503);

    weir.serve(server);
    server.then(json(200, ANSWER));
    assertThat(weir.chat(ASK).statusCode()).isEqualTo(200);
  }

  /// A client that disconnects before its answer arrives.
  private void hangUp(FakeModelServer server) throws Exception {
    weir.recorder.completed.clear();
    server.drainReceived();
    server.then(silence());
    try (Socket socket = weir.socket()) {
      GatewayFixture.send(
          socket,
          "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\n"
              + "content-type: application/json\r\ncontent-length: "
              + ASK.length()
              + "\r\n\r\n"
              + ASK);
      server.take();
      assertThat(weir.chat(ASK).statusCode()).isEqualTo(429);
    }
    assertThat(Memory.next(weir.recorder.completed).failure().map(Failure::kind))
        .contains(Failure.Kind.CLIENT_GONE);
  }
}
