// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.simulator.player.PlayerHandle;
import dev.weir.simulator.player.PlayerReport;
import dev.weir.simulator.player.TracePlayer;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Received;
import dev.weir.testkit.FakeModelServer.Script;
import dev.weir.testkit.FakeModelServer.Wire;
import dev.weir.testkit.TestAuthority;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Traffic and its checks against a gateway with scripted responses.
@Timeout(60)
class FakeGatewayTest {
  private static final String ID = "\"id\":\"a\",\"choices\":[{\"index\":0,";

  @TempDir private Path folder;

  private final FakeModelServer gateway = FakeModelServer.start();

  @AfterEach
  void close() {
    gateway.close();
  }

  private TrafficTarget target() {
    return new TrafficTarget(
        URI.create(gateway.url()), Optional.empty(), "weir_key", "default", "chat");
  }

  private static String models(String id, String owner, boolean ready) {
    return "{\"object\":\"list\",\"data\":[{\"id\":\"%s\",\"owned_by\":\"%s\",\"ready\":%s}]}"
        .formatted(id, owner, ready);
  }

  private void refused(int status, String body, String... parts) {
    gateway.then(Script.json(status, body));
    assertThatThrownBy(() -> GatewayModels.requireService(target()))
        .isInstanceOf(TrafficException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void a_listed_service_may_receive_traffic_and_its_readiness_is_known() throws Exception {
    gateway.then(Script.json(200, models("chat", "default", true)));
    assertThat(GatewayModels.requireService(target())).isTrue();
    Received request = gateway.take();
    assertThat(request.target()).isEqualTo("/v1/models");
    assertThat(request.headers()).containsEntry("authorization", "Bearer weir_key");
    gateway.then(Script.json(200, models("chat", "default", false)));
    assertThat(GatewayModels.requireService(target())).isFalse();
  }

  @Test
  void an_unusable_key_and_a_missing_service_are_reported_with_the_remedy() {
    String create = "`weir key create traffic -n default --role inference`";
    refused(401, "{}", "rejects the key (status 401)", create);
    refused(200, models("code", "default", true), "no Service 'chat' for this key", create);
    refused(200, models("chat", "search", true), "of namespace 'search', not of 'default'", create);
    refused(503, "{}", "status 503", "weir get gateways");
    refused(200, "<html>", "does not respond as a gateway does");
  }

  @Test
  void a_gateway_that_does_not_listen_is_named() {
    gateway.close();
    assertThatThrownBy(() -> GatewayModels.requireService(target()))
        .isInstanceOf(TrafficException.class)
        .hasMessageContainingAll(gateway.url(), "does not respond", "--gateway");
  }

  private static boolean answer(Received request, Wire wire) throws IOException {
    String head = "HTTP/1.1 200 OK\r\nx-weir-version: chat@1\r\n";
    if (request.body().contains("\"stream\":true")) {
      wire.raw(head + "content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
      String field = request.target().contains("chat") ? "\"delta\":{\"content\":\"hi\"}" : text();
      wire.chunk("data: {" + ID + field + ",\"finish_reason\":\"stop\"}]}\n\n");
      wire.chunk("data: [DONE]\n\n");
      wire.endChunks();
    } else {
      String field =
          request.target().contains("chat") ? "\"message\":{\"content\":\"hi\"}" : text();
      String body = "{" + ID + field + ",\"finish_reason\":\"stop\"}]}";
      wire.raw(
          head
              + "content-type: application/json\r\ncontent-length: "
              + body.length()
              + "\r\n\r\n"
              + body);
    }
    return true;
  }

  private static String text() {
    return "\"text\":\"hi\"";
  }

  private PlayerReport play(TrafficTarget target) throws InterruptedException {
    PlayerHandle player = TracePlayer.start(new TrafficLoad(500, 1).player(target, "traffic-t"));
    CountDownLatch never = new CountDownLatch(1);
    StopSignal enough =
        _ -> never.await(20, TimeUnit.MILLISECONDS) || player.snapshot().requests().planned() >= 50;
    return new TrafficRun(enough, System::nanoTime, _ -> {}).play(player, Duration.ofMinutes(1));
  }

  @Test
  void traffic_is_a_mixture_of_streamed_and_plain_requests_to_the_service() throws Exception {
    gateway.byDefault(FakeGatewayTest::answer);
    TrafficSummary summary = TrafficSummary.of("default/chat", play(target()));
    assertThat(summary.service()).isEqualTo("default/chat");
    assertThat(summary.failures()).isEmpty();
    assertThat(summary.requests().served()).isGreaterThanOrEqualTo(50);
    assertThat(summary.requests().streamed()).isBetween(1L, summary.requests().served() - 1);
    assertThat(summary.versions()).containsOnlyKeys("chat@1");
    List<Received> requests = gateway.drainReceived();
    assertThat(requests)
        .allSatisfy(request -> {
          assertThat(request.body()).contains("\"model\":\"chat\"");
          assertThat(request.headers()).containsEntry("authorization", "Bearer weir_key");
          assertThat(request.headers().get("x-request-id")).startsWith("traffic-t-");
        });
    assertThat(requests)
        .extracting(Received::target)
        .contains("/v1/chat/completions", "/v1/completions");
  }

  @Test
  void a_gateway_with_tls_is_trusted_by_the_ca_of_the_context_only() throws Exception {
    TestAuthority authority = TestAuthority.in(folder);
    try (FakeModelServer secure = FakeModelServer.start(authority.server(authority.issue(9)))) {
      secure.then(Script.json(200, models("chat", "default", true)));
      secure.byDefault(FakeGatewayTest::answer);
      TrafficTarget trusting = secure(secure, Optional.of(authority.certificate()));
      assertThat(GatewayModels.requireService(trusting)).isTrue();
      assertThat(TrafficSummary.of("default/chat", play(trusting)).failures()).isEmpty();
      TrafficTarget distrusting = secure(secure, Optional.empty());
      assertThatThrownBy(() -> GatewayModels.requireService(distrusting))
          .isInstanceOf(TrafficException.class);
      assertThat(TrafficSummary.of("default/chat", play(distrusting)).allFailed()).isTrue();
    }
  }

  private static TrafficTarget secure(FakeModelServer gateway, Optional<Path> ca) {
    return new TrafficTarget(URI.create(gateway.url()), ca, "weir_key", "default", "chat");
  }

  @Test
  void errors_are_failures_with_their_status() throws Exception {
    gateway.byDefault(Script.json(503, "{}"));
    TrafficSummary summary = TrafficSummary.of("default/chat", play(target()));
    assertThat(summary.allFailed()).isTrue();
    assertThat(summary.failures()).containsOnlyKeys("status 503");
  }

  @Test
  void rates_out_of_range_are_refused() {
    for (double rate : new double[] {0, 0.09, 501, Double.NaN}) {
      assertThatThrownBy(() -> new TrafficLoad(rate, 1)).hasMessageContaining("0.1 to 500");
    }
  }
}
