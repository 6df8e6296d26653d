// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.load;

import static dev.weir.gateway.GatewayFixture.LONG;
import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.listener.ListenerLimits;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.RoutingSnapshot.Admission;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Backend;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.testkit.FakeModelServer;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every kind of 429 and 503 answer, each with its retry time.
class RetryAfterTest {
  private static final String ASK = "{\"model\":\"chat\",\"messages\":[]}";
  private static final String CHAT =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\n"
          + "Content-Type: application/json\r\nConnection: close\r\nContent-Length: ";
  private static final String EMPTY = "content-length: 0\r\n\r\n";
  private static final Pattern HEADER = Pattern.compile("(?i)\r\nretry-after: ([0-9]+)\r\n");
  private static final RoutingSnapshot.Limits NONE = RoutingSnapshot.Limits.NONE;

  private final CountDownLatch gate = new CountDownLatch(1);
  private GatewayFixture weir = new GatewayFixture();

  @AfterEach
  void stop() {
    gate.countDown();
    weir.close();
  }

  private void limited(ListenerLimits limits) {
    weir.close();
    weir = new GatewayFixture(limits);
  }

  static Stream<Failure.Kind> kinds() {
    return Stream.of(Failure.Kind.values()).filter(Failure.Kind::hasRetryAfter);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void every_kind_of_refusal_has_a_retry_time(Failure.Kind kind) throws Exception {
    String answer = provoke(kind);

    assertThat(answer).startsWith("HTTP/1.1 " + kind.status()).contains(kind.code());
    assertThat(seconds(answer)).isBetween(1, 60);
  }

  private static int seconds(String answer) {
    Matcher header = HEADER.matcher(answer);
    assertThat(header.find()).as(answer).isTrue();
    return Integer.parseInt(header.group(1));
  }

  /// A new kind needs a case here.
  private String provoke(Failure.Kind kind) throws Exception {
    return switch (kind) {
      case NOT_READY -> chat();
      case NO_REPLICA -> {
        weir.serve();
        yield chat();
      }
      case RATE_LIMITED ->
          chatWhileBusy(new Admission(new RoutingSnapshot.Limits(0, 0, 1), NONE, Map.of(), 0, 0));
      case OVERLOADED ->
          chatWhileBusy(new Admission(NONE, NONE, Map.of(), 1, 0), "X-Weir-Timeout: 0.1\r\n");
      case SERVICE_FULL -> {
        FakeModelServer busy = busy();
        weir.serve(chatOf(busy).with(new Isolation(5, 10_000, 10, 50, 1)));
        yield chatWhileBusy(busy);
      }
      case BACKPRESSURE -> {
        String large = "x".repeat(2 * 1024 * 1024);
        weir.serve(weir.server().byDefault(FakeModelServer.Script.json(429, large)));
        yield chat();
      }
      case MEMORY_FULL -> {
        limited(new ListenerLimits(100, 1_000, 2_000, 500, 10, 60_000, 60_000, 10_000));
        weir.serve(weir.server());
        yield chat();
      }
      case TOO_MANY_CONNECTIONS -> {
        limited(new ListenerLimits(1, 1_000, 2_000, 500, 100_000, 60_000, 60_000, 10_000));
        yield whileConnected();
      }
      case GATEWAY_OVERLOADED -> {
        weir.serve(weir.server());
        yield weir.rawWhileBusy(CHAT + ASK.length() + "\r\n\r\n" + ASK, weir::overload);
      }
      default -> throw new AssertionError("nothing here meets " + kind);
    };
  }

  private String chat(String... headers) throws IOException {
    return weir.raw(CHAT + ASK.length() + "\r\n" + String.join("", headers) + "\r\n" + ASK);
  }

  private String chatWhileBusy(Admission admission, String... headers) throws Exception {
    FakeModelServer busy = busy();
    weir.serve(chatOf(busy).with(admission));
    return chatWhileBusy(busy, headers);
  }

  private static ServiceEntry chatOf(FakeModelServer... servers) {
    return service(arm("1", servers), List.of(), LONG);
  }

  private FakeModelServer busy() {
    return weir.server()
        .byDefault((_, _) -> {
          gate.await();
          return false;
        });
  }

  private String chatWhileBusy(FakeModelServer busy, String... headers) throws Exception {
    try (Socket first = weir.socket()) {
      GatewayFixture.send(first, CHAT + ASK.length() + "\r\n\r\n" + ASK);
      busy.take();
      weir.skip(Duration.ofSeconds(3));
      return chat(headers);
    }
  }

  private String whileConnected() throws IOException {
    try (Socket first = weir.socket()) {
      GatewayFixture.send(first, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(first.getInputStream().read()).isEqualTo('H');
      weir.skip(Duration.ofSeconds(30));
      String refused = weir.raw("");
      assertThat(seconds(refused)).as("the time without a completed request").isBetween(29, 40);
      return refused;
    }
  }

  @Test
  void before_the_first_snapshot_the_retry_time_equals_the_time_already_waited() throws Exception {
    chat();
    weir.skip(Duration.ofSeconds(20));

    assertThat(seconds(chat())).isBetween(20, 30);
    HttpResponse<String> ready = weir.get("/ready");
    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(ready.headers().firstValueAsLong("retry-after").orElseThrow()).isBetween(20L, 30L);
  }

  @Test
  void a_model_without_a_replica_reports_the_duration_of_the_last_start() throws Exception {
    weir.serve();
    chat();
    weir.skip(Duration.ofSeconds(40));
    assertThat(seconds(chat())).as("the time already waited").isBetween(40, 50);
    weir.serve(weir.server().byDefault(FakeModelServer.Script.json(200, FakeModelServer.ANSWER)));
    weir.gateway.sweepShared();
    weir.serve();

    chat();
    weir.skip(Duration.ofSeconds(25));

    assertThat(seconds(chat())).as("what is left of 40 s").isBetween(8, 20);
  }

  @Test
  void a_route_without_its_service_has_a_retry_time_too() throws Exception {
    weir.serve(List.of(new RouteEntry("chat", "default", List.of(new Backend("default/x", 1)))));
    assertThat(seconds(chat())).isEqualTo(1);
    weir.skip(Duration.ofSeconds(10));

    assertThat(seconds(chat())).isBetween(10, 20);
  }

  @Test
  void a_request_that_waits_in_vain_for_a_replica_gets_a_retry_time_too() throws Exception {
    Arm none = arm("1");
    weir.serve(service(none, List.of(), LONG).with(new Admission(NONE, NONE, Map.of(), 0, 10)));
    String first = chat();
    weir.skip(Duration.ofSeconds(10));
    String second = chat();

    assertThat(first).startsWith("HTTP/1.1 503").contains("no replica became ready");
    assertThat(seconds(second)).isBetween(10, 20);
  }

  @Test
  void the_retry_time_is_at_most_60_seconds() throws Exception {
    weir.serve(
        weir.server()
            .byDefault((_, wire) -> {
              wire.raw("HTTP/1.1 503 Full\r\nretry-after: 600\r\ncontent-length: 0\r\n\r\n");
              return true;
            }));

    assertThat(seconds(chat())).isEqualTo(60);
  }

  @Test
  void a_retry_date_is_converted_to_seconds() throws Exception {
    weir.serve(
        weir.server()
            .byDefault((_, wire) -> {
              wire.raw(
                  "HTTP/1.1 503 Full\r\nretry-after: Thu, 01 Jan 2026 00:00:00 GMT\r\n" + EMPTY);
              return true;
            }));

    assertThat(seconds(chat())).isEqualTo(1);
  }
}
