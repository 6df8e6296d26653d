// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static dev.weir.gateway.GatewayFixture.LONG;
import static dev.weir.gateway.GatewayFixture.arm;
import static dev.weir.gateway.GatewayFixture.service;
import static dev.weir.testkit.FakeModelServer.Script.events;
import static dev.weir.testkit.FakeModelServer.Script.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.GatewayFixture.Memory;
import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.Admission;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.RoutingSnapshot.Limits;
import dev.weir.testkit.FakeModelServer;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OverloadTest {
  private static final String ASK = "{\"model\":\"chat\",\"messages\":[]}";
  private static final String ANSWER =
      "{\"id\":\"c1\",\"choices\":[{\"message\":{\"content\":\"ho\"},\"finish_reason\":\"stop\"}]}";

  private final GatewayFixture weir = new GatewayFixture();
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void stop() {
    release.countDown();
    weir.close();
  }

  private void serve(Arm arm, int places, long waitMillis) {
    weir.serve(
        service(arm, List.of(), LONG)
            .with(new Admission(Limits.NONE, Limits.NONE, Map.of(), places, waitMillis)));
  }

  private FakeModelServer busy() {
    return weir.server()
        .then((_, wire) -> {
          release.await();
          wire.answer(200, "application/json", ANSWER);
          return true;
        })
        .byDefault(json(200, ANSWER));
  }

  private CompletableFuture<HttpResponse<String>> later(String... headers) {
    return weir.chatLater(ASK, headers);
  }

  private void awaitWaiting(int count) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (weir.gateway.waiting() != count) {
      assertThat(System.nanoTime()).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  @Test
  void requests_above_the_concurrency_limit_wait_and_are_answered_in_turn() throws Exception {
    FakeModelServer server = busy();
    serve(arm("1", server), 1, 0);
    CompletableFuture<HttpResponse<String>> first = later();
    server.take();
    CompletableFuture<HttpResponse<String>> low = later("x-weir-priority", "low");
    awaitWaiting(1);
    CompletableFuture<HttpResponse<String>> normal = later();
    awaitWaiting(2);
    assertThat(server.drainReceived()).isEmpty();

    release.countDown();

    assertThat(first.get().statusCode()).isEqualTo(200);
    assertThat(normal.get().statusCode()).isEqualTo(200);
    assertThat(low.get().statusCode()).isEqualTo(200);
    assertThat(weir.recorder.arrivals)
        .satisfiesExactly(
            one -> assertThat(one.queuedNanos()).isZero(),
            two -> assertThat(two.queuedNanos()).isPositive(),
            three -> assertThat(three.queuedNanos()).isPositive());
  }

  @Test
  void a_bulkhead_below_the_maximum_queues_requests_that_may_wait() throws Exception {
    FakeModelServer server = busy();
    weir.serve(
        service(arm("1", server), List.of(), LONG)
            .with(new Admission(Limits.NONE, Limits.NONE, Map.of(), 8, 0))
            .with(new Isolation(5, 10_000, 10, 50, 1)));
    CompletableFuture<HttpResponse<String>> first = later();
    server.take();
    CompletableFuture<HttpResponse<String>> second = later();
    awaitWaiting(1);

    release.countDown();

    assertThat(first.get().statusCode()).isEqualTo(200);
    assertThat(second.get().statusCode()).isEqualTo(200);
  }

  @Test
  void a_client_that_disconnects_while_it_waits_takes_no_slot() throws Exception {
    FakeModelServer server = busy();
    serve(arm("1", server), 1, 0);
    CompletableFuture<HttpResponse<String>> first = later();
    server.take();
    try (Socket socket = weir.socket()) {
      GatewayFixture.send(
          socket,
          "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\n"
              + "content-type: application/json\r\ncontent-length: "
              + ASK.length()
              + "\r\n\r\n"
              + ASK);
      awaitWaiting(1);
    }
    assertThat(Memory.next(weir.recorder.refused).kind()).isEqualTo(Failure.Kind.CLIENT_GONE);
    awaitWaiting(0);
    release.countDown();
    assertThat(first.get().statusCode()).isEqualTo(200);
    assertThat(weir.recorder.arrivals).hasSize(1);
  }

  @Test
  void a_request_that_waits_until_its_own_deadline_gets_a_model_busy_error() throws Exception {
    FakeModelServer server = busy();
    serve(arm("1", server), 1, 0);
    var _ = later();
    server.take();

    HttpResponse<String> response = weir.chat(ASK, "x-weir-timeout", "1");

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body()).contains("overloaded", "its deadline passed while it was queued");
    assertThat(response.headers().firstValue("retry-after")).isPresent();
    assertThat(weir.chat(ASK, "x-weir-priority", "urgent").statusCode()).isEqualTo(400);
  }

  @Test
  void a_request_waits_for_the_first_replica_if_its_service_allows_it() throws Exception {
    serve(arm("1"), 0, 20_000);
    CompletableFuture<HttpResponse<String>> early = later();
    awaitWaiting(1);
    serve(arm("1", weir.server().byDefault(json(200, ANSWER))), 0, 20_000);
    assertThat(early.get().statusCode()).isEqualTo(200);

    serve(arm("1"), 0, 50);
    HttpResponse<String> none = weir.chat(ASK);
    assertThat(none.statusCode()).isEqualTo(503);
    assertThat(none.body()).contains("no replica became ready");
  }

  private static final String STREAM_ASK = "{\"model\":\"chat\",\"messages\":[],\"stream\":true}";
  private static final List<String> EVENTS =
      List.of(
          "data: {\"id\":\"c1\",\"choices\":[{\"delta\":{\"content\":\"ho\"},\"finish_reason\":null}]}",
          "data: {\"id\":\"c1\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
          "data: [DONE]");

  private CompletableFuture<HttpResponse<Stream<String>>> stream() {
    HttpRequest request =
        weir.request("/v1/chat/completions")
            .POST(HttpRequest.BodyPublishers.ofString(STREAM_ASK))
            .header("content-type", "application/json")
            .build();
    return weir.http.sendAsync(request, HttpResponse.BodyHandlers.ofLines());
  }

  @Test
  void a_stream_that_waits_for_a_replica_is_kept_alive_by_comments_and_then_answered()
      throws Exception {
    serve(arm("1"), 0, 60_000);
    CompletableFuture<HttpResponse<Stream<String>>> waiting = stream();
    awaitWaiting(1);
    weir.skip(Duration.ofSeconds(10));
    HttpResponse<Stream<String>> response = waiting.get();
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("text/event-stream");
    Iterator<String> lines = response.body().iterator();
    assertThat(lines.next()).isEqualTo(": waiting");

    serve(arm("1", streaming()), 0, 60_000);
    List<String> rest = new ArrayList<>();
    lines.forEachRemaining(rest::add);
    assertThat(rest).filteredOn(line -> !line.isEmpty()).containsExactlyElementsOf(EVENTS);
  }

  private FakeModelServer streaming() {
    return weir.server().byDefault(events(EVENTS.stream().map(event -> event + "\n\n").toList()));
  }

  @Test
  void the_first_token_timeout_of_a_stream_that_waited_for_a_replica_starts_with_the_replica()
      throws Exception {
    serve(arm("1"), 0, 60_000);
    CompletableFuture<HttpResponse<Stream<String>>> waiting = stream();
    awaitWaiting(1);
    weir.skip(Duration.ofMillis(LONG.firstTokenMillis() + 1_000));
    serve(arm("1", streaming()), 0, 60_000);
    assertThat(waiting.get().body())
        .filteredOn(line -> !line.isEmpty() && !line.startsWith(":"))
        .containsExactlyElementsOf(EVENTS);
  }

  @Test
  void a_stream_that_waited_in_vain_ends_with_an_error_event_and_no_done() throws Exception {
    serve(arm("1"), 0, 15_000);
    CompletableFuture<HttpResponse<Stream<String>>> waiting = stream();
    awaitWaiting(1);
    weir.skip(Duration.ofSeconds(10));
    HttpResponse<Stream<String>> response = waiting.get();
    weir.skip(Duration.ofSeconds(6));
    List<String> lines = response.body().filter(line -> !line.isEmpty()).toList();
    assertThat(lines).hasSize(2).first().isEqualTo(": waiting");
    assertThat(lines.getLast()).startsWith("data: {\"error\":").contains("try again");
    assertThat(weir.recorder.refused).hasSize(1);
  }

  @Test
  void a_request_that_does_not_stream_gets_a_status_however_long_it_waited() throws Exception {
    serve(arm("1"), 0, 15_000);
    CompletableFuture<HttpResponse<String>> waiting = later();
    awaitWaiting(1);
    weir.skip(Duration.ofSeconds(10));
    weir.skip(Duration.ofSeconds(6));
    assertThat(waiting.get().statusCode()).isEqualTo(503);
  }
}
