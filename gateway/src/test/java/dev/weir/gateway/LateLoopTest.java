// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.gateway.GatewayFixture.LONG;
import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.testkit.FakeModelServer;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A gateway with a late event loop.
class LateLoopTest {
  private static final String ASK = "{\"model\":\"chat\",\"messages\":[]}";
  private static final String STREAM = "{\"model\":\"chat\",\"stream\":true,\"messages\":[]}";
  private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: x\r\n";

  private final GatewayFixture weir = new GatewayFixture();

  @AfterEach
  void stop() {
    weir.close();
  }

  private static String chat(String body, String headers) {
    return "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\n"
        + headers
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  /// Reads one byte of an answer, so that the connection is accepted and registered at its loop.
  private Socket acceptedSocket() throws Exception {
    Socket socket = weir.socket();
    GatewayFixture.send(socket, HEALTH + "\r\n");
    byte[] all = socket.getInputStream().readNBytes("HTTP/1.1 200 OK".length());
    assertThat(new String(all, java.nio.charset.StandardCharsets.US_ASCII)).contains("200");
    return socket;
  }

  @Test
  void no_engine_is_called_for_a_request_whose_own_deadline_passed_before_it_was_read()
      throws Exception {
    FakeModelServer server = weir.server().byDefault(FakeModelServer.Script.json(200, "{}"));
    weir.serve(server);
    try (Socket socket = acceptedSocket()) {
      weir.whileBusy(
          () -> GatewayFixture.send(socket, chat(ASK, "X-Weir-Timeout: 1\r\n")),
          _ -> weir.skip(Duration.ofSeconds(2)));

      assertThat(Memory.next(weir.recorder.refused).kind()).isEqualTo(Failure.Kind.CLIENT_DEADLINE);
      assertThat(server.accepts()).isZero();
      assertThat(weir.recorder.arrivals).isEmpty();
    }
  }

  @Test
  void no_engine_is_called_for_a_request_whose_total_or_first_token_timeout_passed_before()
      throws Exception {
    FakeModelServer server = weir.server().byDefault(FakeModelServer.Script.json(200, "{}"));
    weir.serve(service(arm("1", server), List.of(), new Timeouts(1_000, 2_000, 2_000, 4_000)));
    try (Socket socket = acceptedSocket();
        Socket streamed = acceptedSocket()) {
      weir.whileBusy(
          () -> GatewayFixture.send(socket, chat(ASK, "")), _ -> weir.skip(Duration.ofSeconds(5)));
      assertThat(Memory.next(weir.recorder.refused).kind()).isEqualTo(Failure.Kind.DEADLINE_PASSED);
      weir.whileBusy(
          () -> GatewayFixture.send(streamed, chat(STREAM, "")),
          _ -> weir.skip(Duration.ofSeconds(3)));
      assertThat(Memory.next(weir.recorder.refused).kind()).isEqualTo(Failure.Kind.DEADLINE_PASSED);
      assertThat(server.accepts()).isZero();
    }
  }

  @Test
  void an_overloaded_gateway_refuses_in_the_dialect_of_the_client() throws Exception {
    weir.serve(weir.server());
    String body = "{}";
    String messages = "POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n" + body;

    String anthropic = weir.rawWhileBusy(messages, weir::overload);

    assertThat(anthropic)
        .startsWith("HTTP/1.1 503")
        .contains("\"type\":\"overloaded_error\"")
        .containsPattern("request-id: req-[0-9a-f]{16}\r\n");
    assertThat(weir.gateway.shed()).isEqualTo(1);
    assertThat(weir.gateway.problems()).anyMatch(problem -> problem.contains("short of CPU"));
  }

  @Test
  void an_overloaded_gateway_answers_health() throws Exception {
    String answer = weir.rawWhileBusy(HEALTH + "Connection: close\r\n\r\n", weir::overload);

    assertThat(answer).startsWith("HTTP/1.1 200");
  }

  @Test
  void an_answer_that_is_read_after_its_deadline_is_late_but_not_a_failure_of_the_version()
      throws Exception {
    CountDownLatch received = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch written = new CountDownLatch(1);
    weir.serve(
        weir.server()
            .byDefault((_, wire) -> {
              received.countDown();
              busy.await();
              wire.answer(200, "application/json", "{}");
              written.countDown();
              return true;
            }));
    try (Socket socket = weir.socket()) {
      GatewayFixture.send(socket, chat(ASK, ""));
      received.await();
      weir.whileBusy(
          () -> {
            busy.countDown();
            GatewayFixture.await(written);
          },
          _ -> weir.skip(Duration.ofMillis(LONG.totalMillis())));

      assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.NEUTRAL);
    }
  }
}
