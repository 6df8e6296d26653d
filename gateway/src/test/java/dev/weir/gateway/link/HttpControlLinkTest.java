// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.GatewayAnswer;
import dev.weir.snapshot.Question;
import dev.weir.snapshot.QuestionCodec;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.SnapshotFrames;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.TelemetryAck;
import dev.weir.snapshot.TelemetryCodec;
import dev.weir.snapshot.TelemetryRefusedException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class HttpControlLinkTest {
  private static final RoutingSnapshot FIRST = Snapshots.small();
  private static final RoutingSnapshot SECOND = Snapshots.withSequence(FIRST, 2);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
  private final CountDownLatch testEnds = new CountDownLatch(1);
  private final HttpServer server = newServer();
  private final HttpControlLink link = newLink(Duration.ofSeconds(20));

  @BeforeEach
  void start() {
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    testEnds.countDown();
    link.close();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void snapshots_come_in_order_and_the_key_and_number_are_sent() throws Exception {
    stream(out -> {
      out.write(SnapshotFrames.ping());
      out.write(SnapshotFrames.snapshot(1, SnapshotCodec.encode(FIRST)));
      out.write(SnapshotFrames.snapshot(2, SnapshotCodec.encode(SECOND)));
    });
    var subscriber = new Collecting();
    link.subscribe(17, subscriber);
    assertThat(seen.take())
        .isEqualTo("GET /internal/v1/snapshots?after=17&formats=3,4&deltas=1 Bearer the-key");
    assertThat(subscriber.got)
        .containsExactly(SnapshotCodec.publish(FIRST), SnapshotCodec.publish(SECOND));
    assertThat(subscriber.end.get()).isEqualTo("completed");
  }

  @Test
  void a_question_is_answered_by_the_handler_of_its_kind_and_otherwise_with_nothing()
      throws Exception {
    var answers = new LinkedBlockingQueue<GatewayAnswer>();
    server.createContext(
        "/internal/v1/answers",
        exchange -> {
          answers.add(QuestionCodec.decodeAnswer(exchange.getRequestBody().readAllBytes()));
          respond(exchange, 200, new byte[] {'{', '}'});
        });
    stream(out -> {
      out.write(SnapshotFrames.ask(new Question("a1", "explain", "r-1")));
      out.write(SnapshotFrames.ask(new Question("a2", "unheard-of", "")));
    });
    var subscriber = new Collecting();
    link.subscribe(0, subscriber);
    try (var responders =
        new QuestionResponders(
            link, "gw", "boot", Map.of("explain", subject -> "\"" + subject + "\""))) {
      subscriber.questions.forEach(responders);
      assertThat(List.of(answers.take(), answers.take()))
          .containsExactlyInAnyOrder(
              new GatewayAnswer("gw", "boot", "a1", "\"r-1\""),
              new GatewayAnswer("gw", "boot", "a2", ""));
    }
  }

  @Test
  void a_stream_that_breaks_inside_a_frame_is_an_error() throws Exception {
    stream(out -> out.write("event: snapshot\nid: 1\nda".getBytes(StandardCharsets.UTF_8)));
    var subscriber = new Collecting();
    link.subscribe(0, subscriber);
    assertThat(subscriber.end.get()).contains("ended inside");
  }

  @Test
  void a_silent_stream_is_abandoned() throws Exception {
    stream(out -> {
      out.write(SnapshotFrames.ping());
      out.flush();
      await(testEnds);
    });
    try (var impatient = newLink(Duration.ofMillis(100))) {
      var subscriber = new Collecting();
      impatient.subscribe(0, subscriber);
      assertThat(subscriber.end.get()).contains("no data for");
    }
  }

  @Test
  void cancelling_ends_a_stream_that_is_open() throws Exception {
    stream(out -> {
      out.write(SnapshotFrames.snapshot(1, SnapshotCodec.encode(FIRST)));
      out.flush();
      await(testEnds);
    });
    var subscriber = new Collecting();
    Thread following = Thread.ofVirtual().start(() -> link.subscribe(0, subscriber));
    assertThat(subscriber.got.take()).isEqualTo(SnapshotCodec.publish(FIRST));
    subscriber.subscription.get().cancel();
    assertThat(following.join(Duration.ofSeconds(10))).isTrue();
    assertThat(subscriber.end).as("a subscriber that cancelled gets no more signals").isNotDone();
  }

  @Test
  void no_snapshot_is_delivered_without_demand() throws Exception {
    stream(out -> {
      out.write(SnapshotFrames.snapshot(1, SnapshotCodec.encode(FIRST)));
      out.write(SnapshotFrames.snapshot(2, SnapshotCodec.encode(SECOND)));
    });
    var subscriber = new Collecting(1);
    Thread following = Thread.ofVirtual().start(() -> link.subscribe(0, subscriber));
    assertThat(subscriber.got.take()).isEqualTo(SnapshotCodec.publish(FIRST));
    assertThat(subscriber.end).isNotDone();
    assertThat(subscriber.got).isEmpty();
    subscriber.subscription.get().request(1);
    assertThat(subscriber.got.take()).isEqualTo(SnapshotCodec.publish(SECOND));
    assertThat(subscriber.end.get()).isEqualTo("completed");
    assertThat(following.join(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void a_wrong_key_is_named_and_an_excerpt_of_the_answer_is_shown() throws Exception {
    answer(401, "{\"title\":\"who are you\"}\r\n");
    var subscriber = new Collecting();
    link.subscribe(0, subscriber);
    assertThat(subscriber.end.get()).contains("401 Unauthorized", "role gateway", "who are you");
    assertThatThrownBy(() -> link.send(batch()))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(TelemetryRefusedException.class)
        .hasMessageContaining("401 Unauthorized")
        .hasMessageNotContaining("the-key");
  }

  @Test
  void an_unreachable_control_plane_is_an_error_and_not_a_hang() throws Exception {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    try (var nowhere =
        new HttpControlLink(
            URI.create("http://127.0.0.1:" + port), () -> "the-key", Optional.empty())) {
      var subscriber = new Collecting();
      nowhere.subscribe(0, subscriber);
      assertThat(subscriber.end.get()).contains("cannot be reached");
      assertThatThrownBy(() -> nowhere.send(batch())).isInstanceOf(IOException.class);
    }
  }

  @Test
  void a_batch_is_posted_as_json_and_its_answer_read() throws Exception {
    var body = new CompletableFuture<byte[]>();
    server.createContext(
        "/internal/v1/telemetry",
        exchange -> {
          note(exchange);
          body.complete(exchange.getRequestBody().readAllBytes());
          respond(exchange, 200, TelemetryCodec.encode(new TelemetryAck(5, 30_000)));
        });
    assertThat(link.send(batch())).isEqualTo(new TelemetryAck(5, 30_000));
    assertThat(seen.take()).isEqualTo("POST /internal/v1/telemetry Bearer the-key");
    assertThat(TelemetryCodec.decode(body.get())).isEqualTo(batch());
  }

  @Test
  void a_permanently_rejected_batch_differs_from_one_to_send_again() {
    for (int status : new int[] {400, 413, 422}) {
      answer(status, "no");
      assertThatThrownBy(() -> link.send(batch())).isInstanceOf(TelemetryRefusedException.class);
    }
    for (int status : new int[] {403, 404, 429, 500, 503}) {
      answer(status, "not now");
      assertThatThrownBy(() -> link.send(batch()))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(TelemetryRefusedException.class)
          .hasMessageContaining("HTTP " + status)
          .hasMessageContaining("not now");
    }
  }

  private interface Writing {
    void to(OutputStream out) throws IOException;
  }

  private void stream(Writing writing) {
    server.createContext(
        "/internal/v1/snapshots",
        exchange -> {
          note(exchange);
          exchange.getResponseHeaders().set("content-type", "text/event-stream");
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            writing.to(out);
          }
        });
  }

  private void answer(int status, String body) {
    removeContexts();
    server.createContext(
        "/internal",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          respond(exchange, status, body.getBytes(StandardCharsets.UTF_8));
        });
  }

  private void removeContexts() {
    try {
      server.removeContext("/internal");
    } catch (IllegalArgumentException _) {
      // there is no context before the first one
    }
  }

  private static void respond(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private void note(HttpExchange exchange) {
    seen.add(
        "%s %s %s"
            .formatted(
                exchange.getRequestMethod(),
                exchange.getRequestURI(),
                exchange.getRequestHeaders().getFirst("authorization")));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static HttpServer newServer() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpControlLink newLink(Duration silence) {
    return new HttpControlLink(
        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"),
        () -> "the-key",
        HttpClient.newHttpClient(),
        silence,
        System::nanoTime);
  }

  private static Telemetry batch() {
    return new Telemetry(
        "gw",
        "boot",
        5,
        "0.1.0",
        List.of(1),
        0,
        "",
        0,
        0,
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  private static final class Collecting implements ControlLink.Subscriber {
    private final BlockingQueue<Question> questions = new LinkedBlockingQueue<>();
    private final BlockingQueue<Published> got = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private final long demand;

    Collecting() {
      this(Long.MAX_VALUE);
    }

    Collecting(long demand) {
      this.demand = demand;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription.complete(given);
      given.request(demand);
    }

    @Override
    public void onNext(Published published) {
      got.add(published);
    }

    @Override
    public void onQuestion(Question question) {
      questions.add(question);
    }

    @Override
    public void onError(Throwable why) {
      end.complete(String.valueOf(why.getMessage()));
    }

    @Override
    public void onComplete() {
      end.complete("completed");
    }
  }
}
