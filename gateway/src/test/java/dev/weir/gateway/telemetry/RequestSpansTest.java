// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.RequestRecorder;
import dev.weir.snapshot.Snapshots;
import dev.weir.testkit.ManualClock;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RequestSpansTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CALLER = "b7ad6b7169203331";

  private final ManualClock clock = new ManualClock();
  private final SteadyClock steady = new SteadyClock(clock, clock);
  private final IndexedSnapshot current = IndexedSnapshot.of(Snapshots.small(), "hash");
  private final GatewayIdentity identity =
      GatewayIdentity.named("gw-1", "1.2", new SplittableRandom(1));
  private final List<SpanData> exported = new CopyOnWriteArrayList<>();
  private final List<Integer> sent = new ArrayList<>();
  private final List<Integer> graded = new ArrayList<>();

  /// Stores the exported spans.
  private final class InMemoryExporter implements SpanExporter {
    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      exported.addAll(spans);
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  /// The spans under test call no other method of a recorder.
  private final class UnusedRecorder implements RequestRecorder {
    @Override
    public RequestObserver arrived(AdmittedRequest arrival) {
      return new RequestObserver() {
        @Override
        public void firstToken(long ttftMicros) {}

        @Override
        public void attemptEnded(dev.weir.gateway.exchange.AttemptEnd end) {}

        @Override
        public void finished(CompletedRequest completed) {}

        @Override
        public void sent(int prefillTokens) {
          sent.add(prefillTokens);
        }

        @Override
        public void graded(int thousandths) {
          graded.add(thousandths);
        }
      };
    }

    @Override
    public RequestObserver generated(AdmittedRequest arrival) {
      throw new AssertionError("nothing is generated here");
    }

    @Override
    public void refused(String requestId, String method, String path, Failure failure) {}
  }

  private RequestSpans spans(double share) {
    return new RequestSpans(new UnusedRecorder(), steady, identity, new InMemoryExporter(), share);
  }

  private AdmittedRequest arrival(String traceparent, long queuedNanos) {
    AdmittedRequest any = Requests.arrival(current, false, 0, CohortMembership.PINNED);
    return new AdmittedRequest(
        "req-1",
        any.path(),
        any.model(),
        true,
        any.key(),
        any.decision(),
        current,
        clock.getAsLong(),
        queuedNanos,
        traceparent);
  }

  /// A request whose only attempt succeeded 500 ms after its start.
  private String play(RequestSpans spans, AdmittedRequest arrival) {
    RequestRecorder.RequestObserver observer = spans.arrived(arrival);
    clock.advance(Duration.ofMillis(500));
    observer.firstToken(20_000);
    observer.attemptEnded(Requests.success(1, arrival.decision().arm()));
    observer.finished(Requests.finished(arrival, "chat@1", 1, 0, Optional.empty()));
    observer.sent(40);
    observer.graded(700);
    return observer.traceparent();
  }

  private SpanData span(String name) {
    return exported.stream().filter(span -> span.getName().equals(name)).findFirst().orElseThrow();
  }

  private static Object attribute(SpanData span, String key) {
    return span.getAttributes().asMap().entrySet().stream()
        .filter(e -> e.getKey().getKey().equals(key))
        .map(e -> Object.class.cast(e.getValue()))
        .findFirst()
        .orElse("none");
  }

  @Test
  void a_request_is_one_span_in_its_callers_trace_with_a_child_span_for_the_attempt() {
    String traceparent;
    try (RequestSpans spans = spans(0)) {
      traceparent = play(spans, arrival("00-" + TRACE + "-" + CALLER + "-01", 0));
    }
    assertThat(graded).as("passed on").containsExactly(700);
    assertThat(sent).as("passed on").containsExactly(40);
    SpanData request = span("chat chat");
    assertThat(request.getTraceId()).isEqualTo(TRACE);
    assertThat(request.getParentSpanId()).isEqualTo(CALLER);
    assertThat(request.getKind()).isEqualTo(SpanKind.SERVER);
    assertThat(attribute(request, "gen_ai.operation.name")).isEqualTo("chat");
    assertThat(attribute(request, "weir.version")).isEqualTo("chat@1");
    assertThat(attribute(request, "http.response.status_code")).isEqualTo(200L);
    assertThat(request.getEvents()).extracting(event -> event.getName()).contains("first token");
    assertThat(request.getEndEpochNanos() - request.getStartEpochNanos())
        .isEqualTo(TimeUnit.MILLISECONDS.toNanos(500));
    SpanData attempt = span("attempt 1");
    assertThat(attempt.getParentSpanId()).isEqualTo(request.getSpanId());
    assertThat(attempt.getStartEpochNanos()).isEqualTo(request.getStartEpochNanos());
    assertThat(attribute(attempt, "gen_ai.usage.input_tokens")).isEqualTo(12L);
    assertThat(traceparent).isEqualTo("00-" + TRACE + "-" + request.getSpanId() + "-01");
    assertThat(request.getResource().getAttribute(AttributeKey.stringKey("service.instance.id")))
        .isEqualTo("gw-1");
  }

  @Test
  void waiting_for_a_slot_is_part_of_the_span() {
    clock.advance(Duration.ofSeconds(9));
    try (RequestSpans spans = spans(1)) {
      play(spans, arrival("", TimeUnit.SECONDS.toNanos(3)));
    }
    SpanData request = span("chat chat");
    assertThat(request.getEndEpochNanos() - request.getStartEpochNanos())
        .isEqualTo(TimeUnit.MILLISECONDS.toNanos(3_500));
    assertThat(request.getEvents()).extracting(event -> event.getName()).contains("seated");
  }

  @Test
  void a_failure_is_the_spans_status() {
    try (RequestSpans spans = spans(1)) {
      AdmittedRequest arrival = arrival("no traceparent at all", 0);
      RequestRecorder.RequestObserver observer = spans.arrived(arrival);
      Failure failure = new Failure(Failure.Kind.CUT, "it broke");
      observer.finished(Requests.finished(arrival, "chat@1", 1, 0, Optional.of(failure)));
    }
    SpanData request = span("chat chat");
    assertThat(request.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(attribute(request, "error.type")).isEqualTo("stream_cut");
    assertThat(request.getParentSpanContext().isValid()).isFalse();
  }

  @Test
  void an_unsampled_request_is_not_exported_but_its_trace_is_propagated() {
    String traceparent;
    try (RequestSpans spans = spans(1)) {
      traceparent = play(spans, arrival("00-" + TRACE + "-" + CALLER + "-00", 0));
    }
    assertThat(exported).isEmpty();
    assertThat(traceparent).startsWith("00-" + TRACE).endsWith("-00");
  }

  @Test
  void spans_reach_a_collector_over_http() throws Exception {
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    HttpServer collector =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/traces",
        exchange -> {
          received.add(new String(exchange.getRequestBody().readAllBytes(), ISO_8859_1));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
    try {
      String endpoint = "http://127.0.0.1:" + collector.getAddress().getPort() + "/";
      try (RequestSpans spans =
          RequestSpans.to(endpoint, 1, new UnusedRecorder(), steady, identity)) {
        play(spans, arrival("", 0));
      }
      String body = received.poll(20, TimeUnit.SECONDS);
      assertThat(body)
          .contains(List.of("chat chat", "attempt 1", "weir-gateway", "gen_ai.request.model"));
    } finally {
      collector.stop(0);
    }
  }
}
