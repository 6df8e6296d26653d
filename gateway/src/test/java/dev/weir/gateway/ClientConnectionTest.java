// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.testkit.FakeModelServer.Script.cutAfter;
import static dev.weir.testkit.FakeModelServer.Script.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.load.LoopLag;
import dev.weir.gateway.listener.Listener;
import dev.weir.gateway.listener.ListenerLimits;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.testkit.FakeModelServer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The listener with raw bytes on real sockets.
class ClientConnectionTest {
  private static final String KEYED =
      "Host: x\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\n";
  private static final String BODY = "{\"model\":\"chat\"}";

  private GatewayFixture weir = new GatewayFixture();

  private void limited(ListenerLimits limits) {
    weir.close();
    weir = new GatewayFixture(limits);
  }

  @AfterEach
  void stop() {
    weir.close();
  }

  private static String post(String more, String body) {
    return "POST /v1/embeddings HTTP/1.1\r\n" + KEYED + more + "\r\n" + body;
  }

  private static String length(String body) {
    return "Content-Length: " + body.length() + "\r\n";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 5\r\n Folded: x\r\nBad Name: 1\r\n",
        "Host: y\r\nContent-Length: 0\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: identity, chunked\r\n",
        "Transfer-Encoding: ,chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"
      })
  void an_ambiguous_request_is_refused(String headers) throws Exception {
    FakeModelServer server = weir.server();
    weir.serve(server);

    String answer = weir.raw(post(headers, "0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n"));

    assertThat(answer).startsWith("HTTP/1.1 400 ").containsIgnoringCase("connection: close");
    assertThat(answer.split("HTTP/1.1 4", -1)).hasSize(2);
    assertThat(server.accepts()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST  /v1/embeddings HTTP/1.1|400",
        "POST /v1/embeddings  HTTP/1.1|400",
        "POST /v1/embeddings http/1.1|400",
        "POST v1/embeddings HTTP/1.1|400",
        "POST ftp://x/v1/embeddings HTTP/1.1|400",
        "POST a?b=http://x/v1/embeddings HTTP/1.1|400",
        "POST /v1/embeddings#a HTTP/1.1|400",
        "POST /v1/embeddings?\u007f HTTP/1.1|400",
        "POST /v1/embeddings HTTP/1.2|505",
        "POST /v1/embeddings HTTP/2.0|505",
        "POST http://elsewhere/v1/embeddings HTTP/1.1|200"
      })
  void request_lines_that_need_repair_are_refused(String line, int status) throws Exception {
    weir.serve(weir.server().byDefault(json(200, FakeModelServer.ANSWER)));

    String answer =
        weir.raw(line + "\r\n" + KEYED + "Connection: close\r\n" + length(BODY) + "\r\n" + BODY);

    assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "\r\n\r ", "\r\n\r\r\t"})
  void a_request_line_begins_its_line(String before) throws Exception {
    weir.serve(weir.server());
    String request = before + "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    assertThat(weir.raw(request)).startsWith("HTTP/1.1 400 ");
    try (Socket socket = weir.socket()) {
      socket.setTcpNoDelay(true);
      for (int i = 0; i < before.length() + 1; i++) {
        GatewayFixture.send(socket, request.substring(i, i + 1));
      }
      GatewayFixture.send(socket, request.substring(before.length() + 1));
      assertThat(new String(socket.getInputStream().readNBytes(13), StandardCharsets.UTF_8))
          .isEqualTo("HTTP/1.1 400 ");
    }
  }

  @Test
  void a_refused_head_is_not_searched_for_folded_lines() throws Exception {
    weir.serve(weir.server());

    assertThat(weir.raw("GET / HTTP/3.0\r\nX-A: b\r\n c\r\n\r\n")).startsWith("HTTP/1.1 505 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-A: b\r\n c\r\nContent-Length: 2\r\n\r\n{}",
        "X-A: b\r\n\tc\r\nContent-Length: 2\r\n\r\n{}",
        "Content-Length: 2\r\n \r\n\r\n{}",
        "Content-Length: 2\n 0\n\n{}",
        "Transfer-Encoding:\r\n chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-T: a\r\n b\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n X-T: a\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n c\r\n{}\r\n0\r\n\r\n"
      })
  void folded_lines_are_refused_in_pieces_of_any_size(String rest) throws Exception {
    FakeModelServer server = weir.server();
    weir.serve(server);
    String request = "POST /v1/embeddings HTTP/1.1\r\n" + KEYED + rest;

    assertThat(weir.raw(request + "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ")
        .containsIgnoringCase("connection: close")
        .satisfies(answer -> assertThat(answer.split("HTTP/1.1 \\d", -1)).hasSize(2));
    try (Socket socket = weir.socket()) {
      socket.setTcpNoDelay(true);
      for (int i = 0; i < request.length(); i++) {
        GatewayFixture.send(socket, request.substring(i, i + 1));
      }
      assertThat(new String(socket.getInputStream().readNBytes(13), StandardCharsets.UTF_8))
          .isEqualTo("HTTP/1.1 400 ");
    } catch (SocketException e) {
      assertThat(e).hasMessageMatching("Broken pipe|Connection reset.*"); // already refused
    }
    assertThat(server.accepts()).isZero();
  }

  @Test
  void a_space_before_the_first_header_or_the_request_line_is_refused() throws Exception {
    weir.serve(weir.server());

    assertThat(weir.raw("GET /health HTTP/1.1\r\n Host: x\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(weir.raw(" GET /health HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void a_body_may_have_lines_that_begin_with_a_space() throws Exception {
    weir.serve(weir.server());
    String body = "{\n \"model\":\"chat\",\n\t\"input\":\"a\"\n}";
    String close = "Connection: close\r\n";

    assertThat(weir.raw(post(close + length(body), body))).startsWith("HTTP/1.1 200 ");
    String chunk = Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\nX-T: a\r\n\r\n";
    assertThat(weir.raw(post(close + "Transfer-Encoding: chunked\r\n", chunk)))
        .startsWith("HTTP/1.1 200 ");
  }

  @Test
  void an_invalid_chunk_after_the_answer_gets_no_second_answer() throws Exception {
    weir.serve(weir.server());
    String stranger = post("Transfer-Encoding: chunked\r\n", "2\r\n{}}\r\n").replace("good", "bad");

    String answers = weir.raw(stranger);

    assertThat(answers).startsWith("HTTP/1.1 401 ");
    assertThat(answers.split("HTTP/1.1 ", -1)).hasSize(2);
  }

  @Test
  void the_connection_closes_after_a_refusal_of_a_client_that_expects_100() throws Exception {
    weir.serve(weir.server());
    String stranger = post("Expect: 100-continue\r\n" + length(BODY), "").replace("good", "bad");

    assertThat(weir.raw(stranger + "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 401 ")
        .containsIgnoringCase("connection: close")
        .doesNotContain("HTTP/1.1 200");
  }

  @Test
  void an_http_1_0_client_never_gets_100_continue() throws Exception {
    weir.serve(weir.server().byDefault(json(200, FakeModelServer.ANSWER)));
    String ask = post("Expect: 100-continue\r\n" + length(BODY), BODY);

    assertThat(weir.raw(ask.replace("HTTP/1.1", "HTTP/1.0"))).startsWith("HTTP/1.1 200");
  }

  @Test
  void bodies_stay_within_their_memory_limit_and_return_it() throws Exception {
    limited(new ListenerLimits(100, 1_000, 2_000, 500, 700, 60_000, 60_000, 10_000));
    FakeModelServer server = weir.server().byDefault(json(200, FakeModelServer.ANSWER));
    weir.serve(server);
    String large = "{\"model\":\"chat\",\"x\":\"" + "x".repeat(500) + "\"}";
    try (Socket held = weir.socket()) {
      for (int i = 0; i < 3; i++) {
        GatewayFixture.send(held, post(length(large), large));
        server.take();
      }
      GatewayFixture.send(held, post("Content-Length: 900\r\n", large));
      String refused = refusedForMemory(large);

      assertThat(refused).containsIgnoringCase("retry-after").contains("memory_full");
    }
  }

  /// Retries, because the gateway may not have read the other upload yet.
  private String refusedForMemory(String body) throws Exception {
    String answer = "";
    for (int i = 0; i < 1_000 && !answer.startsWith("HTTP/1.1 503"); i++) {
      answer = weir.raw(post("Connection: close\r\n" + length(body), body));
    }
    return answer;
  }

  @Test
  void requests_sent_ahead_are_answered_in_order() throws Exception {
    weir.serve(
        weir.server()
            .byDefault((request, wire) -> {
              wire.answer(200, "text/plain", request.headers().getOrDefault("x-request-id", ""));
              return true;
            }));
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      many.append(post("x-request-id: id-" + i + ".\r\n" + length(BODY), BODY));
    }
    many.append(post("x-request-id: last\r\nConnection: close\r\n" + length(BODY), BODY));

    String answers = weir.raw(many.toString());

    int at = -1;
    for (int i = 0; i < 20; i++) {
      int next = answers.indexOf("\r\n\r\nid-" + i + ".");
      assertThat(next).isGreaterThan(at);
      at = next;
    }
    assertThat(answers).endsWith("last");
  }

  @Test
  void a_chunked_body_is_read() throws Exception {
    FakeModelServer server = weir.server().byDefault(json(200, FakeModelServer.ANSWER));
    weir.serve(server);

    weir.raw(
        post(
            "Connection: close\r\nTransfer-Encoding: chunked\r\n",
            "5\r\n{\"mod\r\nb\r\nel\":\"chat\"}\r\n0\r\n\r\n"));

    assertThat(server.take().body()).isEqualTo(BODY);
  }

  @Test
  void an_http_1_0_client_gets_its_answer_and_a_closed_connection() throws Exception {
    weir.serve(weir.server().byDefault(json(200, "{\"a\":1}")));

    String answer =
        weir.raw("POST /v1/embeddings HTTP/1.0\r\n" + KEYED + length(BODY) + "\r\n" + BODY);

    assertThat(answer).startsWith("HTTP/1.1 200").endsWith("{\"a\":1}");
  }

  @Test
  void a_client_that_expects_100_gets_100_continue() throws Exception {
    weir.serve(weir.server().byDefault(json(200, FakeModelServer.ANSWER)));
    try (Socket socket = weir.socket()) {
      GatewayFixture.send(
          socket, post("Expect: 100-continue\r\nConnection: close\r\n" + length(BODY), ""));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      assertThat(in.readLine()).startsWith("HTTP/1.1 100");
      GatewayFixture.send(socket, BODY);
      assertThat(in.lines()).anyMatch(line -> line.startsWith("HTTP/1.1 200"));
    }
  }

  @Test
  void too_large_bodies_and_heads_are_refused() throws Exception {
    limited(new ListenerLimits(100, 1_000, 2_000, 500, 100_000, 60_000, 60_000, 10_000));
    weir.serve(weir.server());
    String large = "x".repeat(1_001);

    assertThat(weir.raw(post(length(large), large))).startsWith("HTTP/1.1 413").contains("error");
    assertThat(
            weir.raw(post("Transfer-Encoding: chunked\r\n", "3e9\r\n" + large + "\r\n0\r\n\r\n")))
        .startsWith("HTTP/1.1 413");
    assertThat(weir.raw(post("Expect: 100-continue\r\n" + length(large), "")))
        .startsWith("HTTP/1.1 413");
    assertThat(weir.raw(post("X: " + "x".repeat(3_000) + "\r\n", ""))).startsWith("HTTP/1.1 431");
    assertThat(weir.raw("GET /" + "x".repeat(600) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 414");
  }

  @Test
  void bytes_after_a_refusal_are_read_only_for_a_while() throws Exception {
    limited(new ListenerLimits(100, 1_000, 2_000, 500, 100_000, 60_000, 60_000, 10_000));
    weir.serve(weir.server());
    String stranger = post("Content-Length: 500\r\n", "{").replace("good", "bad");

    assertThat(weir.raw(stranger)).startsWith("HTTP/1.1 401");
    assertThat(weir.raw(post("Content-Length: 5000\r\n", "{"))).startsWith("HTTP/1.1 413");
    assertThat(weir.raw(post("Content-Length: 5000\r\n", "x".repeat(1_001))))
        .startsWith("HTTP/1.1 413");
  }

  @Test
  void a_slow_upload_is_ended() throws Exception {
    limited(new ListenerLimits(100, 1_000, 2_000, 500, 100_000, 50, 60_000, 10_000));
    weir.serve(weir.server());

    assertThat(weir.raw(post("Content-Length: 100\r\n", "{"))).startsWith("HTTP/1.1 408");
  }

  @Test
  void an_idle_connection_is_closed() throws Exception {
    limited(new ListenerLimits(100, 1_000, 2_000, 500, 100_000, 60_000, 50, 10_000));

    assertThat(weir.raw("")).isEmpty();
  }

  @Test
  void a_connection_above_the_limit_gets_an_error() throws Exception {
    limited(new ListenerLimits(1, 1_000, 2_000, 500, 100_000, 60_000, 60_000, 10_000));
    try (Socket first = weir.socket()) {
      GatewayFixture.send(first, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(first.getInputStream().read()).isEqualTo('H');

      assertThat(weir.raw("")).startsWith("HTTP/1.1 503").containsIgnoringCase("retry-after");
    }
  }

  @Test
  void an_error_event_ends_an_answer_and_not_the_connection() throws Exception {
    String cut = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n";
    weir.serve(weir.server().byDefault(cutAfter(List.of(cut), 1)));
    String ask = "{\"model\":\"chat\",\"messages\":[],\"stream\":true,\"n\":2}";
    String head = "POST /v1/chat/completions HTTP/1.1\r\n" + KEYED + length(ask) + "\r\n";
    try (Socket socket = weir.socket()) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      GatewayFixture.send(socket, head + ask);
      String lastChunk = "0";
      assertThat(in.lines().anyMatch(lastChunk::equals)).isTrue();
      GatewayFixture.send(socket, "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

      assertThat(in.lines()).anyMatch(line -> line.startsWith("HTTP/1.1 200"));
    }
  }

  @Test
  void head_and_options_are_answered_correctly() throws Exception {
    assertThat(weir.raw("HEAD /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200")
        .contains("content-length: 15")
        .endsWith("\r\n\r\n");
    assertThat(
            weir.raw(
                "OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 204")
        .contains("allow: POST, OPTIONS");
  }

  @Test
  void a_client_that_disconnects_stops_the_engine() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    weir.serve(
        weir.server()
            .byDefault((_, wire) -> {
              wire.beginEvents();
              wire.chunk("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n");
              wire.awaitClose();
              closed.countDown();
              return false;
            }));
    String body = "{\"model\":\"chat\",\"stream\":true,\"messages\":[]}";
    try (Socket socket = weir.socket()) {
      GatewayFixture.send(
          socket, "POST /v1/chat/completions HTTP/1.1\r\n" + KEYED + length(body) + "\r\n" + body);
      assertThat(socket.getInputStream().read()).isEqualTo('H');
    }

    assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
    AttemptEnd end = Memory.next(weir.recorder.attempts);
    assertThat(end.outcome()).isEqualTo(Outcome.NEUTRAL);
    assertThat(end.failure().map(Failure::kind)).contains(Failure.Kind.CLIENT_GONE);
    assertThat(Memory.next(weir.recorder.completed).status()).isEqualTo(499);
  }

  @Test
  void a_client_that_does_not_read_pauses_reading_from_the_replica() throws Exception {
    String block =
        "data: {\"choices\":[{\"delta\":{\"content\":\"" + "x".repeat(60_000) + "\"}}]}\n\n";
    int blocks = 600;
    CountDownLatch written = new CountDownLatch(1);
    weir.serve(
        weir.server()
            .byDefault((_, wire) -> {
              wire.beginEvents();
              for (int i = 0; i < blocks; i++) {
                wire.chunk(block);
              }
              wire.chunk("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
              wire.chunk("data: [DONE]\n\n");
              wire.endChunks();
              written.countDown();
              return true;
            }));
    String body = "{\"model\":\"chat\",\"stream\":true,\"messages\":[]}";
    try (Socket socket = weir.socket()) {
      GatewayFixture.send(
          socket,
          "POST /v1/chat/completions HTTP/1.1\r\nConnection: close\r\n"
              + KEYED
              + length(body)
              + "\r\n"
              + body);
      assertThat(socket.getInputStream().read()).isEqualTo('H');
      // far more than fits into all socket buffers: backpressure must have reached the replica
      assertThat(written.await(300, TimeUnit.MILLISECONDS)).isFalse();
      long read = socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());

      assertThat(read).isGreaterThan((long) blocks * block.length());
    }
    assertThat(Memory.next(weir.recorder.attempts).outcome()).isEqualTo(Outcome.SUCCESS);
  }

  @Test
  void a_port_in_use_is_named() {
    InetSocketAddress taken =
        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), weir.gateway.port());
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      assertThatThrownBy(() ->
              new Listener(
                  loops,
                  loops,
                  NioServerSocketChannel.class,
                  taken,
                  ListenerLimits.DEFAULT,
                  Optional.empty(),
                  Set.of(),
                  _ -> {
                    throw new AssertionError("nothing was accepted");
                  },
                  _ -> new LoopLag(() -> 0),
                  () -> 0))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageStartingWith(
              "cannot listen on 127.0.0.1:"
                  + taken.getPort()
                  + ": the address is in use; `weir doctor`");
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void a_drain_lets_running_requests_end_and_closes_idle_connections() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    weir.serve(
        weir.server()
            .byDefault((_, wire) -> {
              begun.countDown();
              release.await();
              wire.answer(200, "application/json", "{}");
              return true;
            }));
    try (Socket idle = weir.socket();
        Socket busy = weir.socket()) {
      GatewayFixture.send(idle, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(idle.getInputStream().read()).isEqualTo('H');
      GatewayFixture.send(busy, post(length(BODY), BODY));
      begun.await();

      CompletableFuture<Boolean> drained =
          CompletableFuture.supplyAsync(() -> weir.gateway.drain(Duration.ofSeconds(20)));
      idle.getInputStream().readAllBytes();
      release.countDown();
      String answer = new String(busy.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(answer).startsWith("HTTP/1.1 200").containsIgnoringCase("connection: close");
      assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
    }
  }
}
