// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.RequestRecorder;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Creates OpenTelemetry spans of requests: one per request, following OpenTelemetry's conventions
/// for generative AI, with a child span for each attempt at a replica. Passes all events to the
/// next recorder.
///
/// A request joins the trace of its client's `traceparent`, and replicas receive the context of its
/// span, so that the engine's own spans become its children. A request that is rejected before a
/// version is chosen has no span. A dedicated thread exports spans with OTLP over HTTP from a
/// bounded queue: spans that do not fit are lost, and no request ever waits.
public final class RequestSpans implements RequestRecorder, AutoCloseable {
  private static final AttributeKey<String> OPERATION =
      AttributeKey.stringKey("gen_ai.operation.name");
  private static final AttributeKey<String> REQUEST_MODEL =
      AttributeKey.stringKey("gen_ai.request.model");
  private static final AttributeKey<String> MODEL = AttributeKey.stringKey("gen_ai.response.model");
  private static final AttributeKey<Long> INPUT_TOKENS =
      AttributeKey.longKey("gen_ai.usage.input_tokens");
  private static final AttributeKey<Long> OUTPUT_TOKENS =
      AttributeKey.longKey("gen_ai.usage.output_tokens");
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");
  private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
  private static final AttributeKey<String> URL = AttributeKey.stringKey("url.full");
  private static final AttributeKey<String> REQUEST = AttributeKey.stringKey("weir.request.id");
  private static final AttributeKey<String> TENANT = AttributeKey.stringKey("weir.tenant");
  private static final AttributeKey<String> SERVICE = AttributeKey.stringKey("weir.service");
  private static final AttributeKey<String> VERSION = AttributeKey.stringKey("weir.version");
  private static final AttributeKey<String> REPLICA = AttributeKey.stringKey("weir.replica");
  private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("weir.outcome");
  private static final AttributeKey<String> INJECTED = AttributeKey.stringKey("weir.fault");
  private static final AttributeKey<Long> ATTEMPTS = AttributeKey.longKey("weir.attempts");
  private static final AttributeKey<Long> RESUMES = AttributeKey.longKey("weir.resumes");

  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

  private static final Duration EXPORT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  private final RequestRecorder delegate;
  private final SteadyClock clock;
  private final SdkTracerProvider provider;
  private final Tracer tracer;

  /// @param share of requests that are traced, 0 to 1, if the client has not decided
  RequestSpans(
      RequestRecorder delegate,
      SteadyClock clock,
      GatewayIdentity identity,
      SpanExporter exporter,
      double share) {
    this.delegate = delegate;
    this.clock = clock;
    provider =
        SdkTracerProvider.builder()
            .setResource(resource(identity))
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(share)))
            .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
            .build();
    tracer = provider.get("dev.weir.gateway", identity.version());
  }

  /// Sends spans to a collector.
  ///
  /// @param endpoint its base URL, such as `http://collector:4318`
  /// @param share of requests that are traced, 0 to 1, if the client has not decided
  public static RequestSpans to(
      String endpoint,
      double share,
      RequestRecorder delegate,
      SteadyClock clock,
      GatewayIdentity identity) {
    String base = endpoint.endsWith("/") ? endpoint.substring(0, endpoint.length() - 1) : endpoint;
    SpanExporter exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(base + "/v1/traces")
            .setTimeout(EXPORT_TIMEOUT)
            .setConnectTimeout(EXPORT_TIMEOUT)
            .build();
    return new RequestSpans(delegate, clock, identity, exporter, share);
  }

  private static Resource resource(GatewayIdentity identity) {
    return Resource.create(
        Attributes.builder()
            .put("service.name", "weir-gateway")
            .put("service.version", identity.version())
            .put("service.instance.id", identity.gateway())
            .build());
  }

  @Override
  public RequestObserver arrived(AdmittedRequest arrival) {
    return new SpanObserver(arrival, delegate.arrived(arrival));
  }

  /// Generated requests have no spans.
  @Override
  public RequestObserver generated(AdmittedRequest arrival) {
    return delegate.generated(arrival);
  }

  @Override
  public void refused(String requestId, String method, String path, Failure failure) {
    delegate.refused(requestId, method, path, failure);
  }

  /// Sends remaining spans, for at most five seconds.
  @Override
  public void close() {
    provider.shutdown().join(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// The conventions' operation names; other operations are named by their path.
  private static String operation(String path) {
    return switch (path) {
      case "/v1/chat/completions", "/v1/messages", "/v1/responses" -> "chat";
      case "/v1/completions" -> "text_completion";
      case "/v1/embeddings" -> "embeddings";
      default -> path;
    };
  }

  private final class SpanObserver implements RequestObserver {
    private final AdmittedRequest arrival;
    private final RequestObserver delegate;
    private final Span span;

    SpanObserver(AdmittedRequest arrival, RequestObserver delegate) {
      this.arrival = arrival;
      this.delegate = delegate;
      String operation = operation(arrival.path());
      span =
          tracer
              .spanBuilder(operation + " " + arrival.model())
              .setSpanKind(SpanKind.SERVER)
              .setParent(parent(arrival.traceparent()))
              .setStartTimestamp(
                  clock.epochNanos(arrival.arrivalNanos() - arrival.queuedNanos()),
                  TimeUnit.NANOSECONDS)
              .setAttribute(OPERATION, operation)
              .setAttribute(REQUEST_MODEL, arrival.model())
              .setAttribute(PATH, arrival.path())
              .setAttribute(REQUEST, arrival.requestId())
              .setAttribute(TENANT, arrival.key().tenant())
              .startSpan();
      if (arrival.queuedNanos() > 0) {
        span.addEvent("seated", clock.epochNanos(arrival.arrivalNanos()), TimeUnit.NANOSECONDS);
      }
    }

    /// An invalid traceparent is ignored: a new trace starts.
    private static Context parent(String traceparent) {
      Matcher matcher = TRACEPARENT.matcher(traceparent);
      if (!matcher.matches()) {
        return Context.root();
      }
      SpanContext remote =
          SpanContext.createFromRemoteParent(
              matcher.group(1),
              matcher.group(2),
              TraceFlags.fromHex(matcher.group(3), 0),
              TraceState.getDefault());
      return Context.root().with(Span.wrap(remote));
    }

    @Override
    public String traceparent() {
      SpanContext context = span.getSpanContext();
      return "00-%s-%s-%s"
          .formatted(context.getTraceId(), context.getSpanId(), context.getTraceFlags().asHex());
    }

    @Override
    public void mirrored(String service, String result) {
      delegate.mirrored(service, result);
    }

    @Override
    public void graded(int thousandths) {
      delegate.graded(thousandths);
    }

    @Override
    public RequestObserver copy() {
      return delegate.copy();
    }

    @Override
    public void sent(int prefillTokens) {
      delegate.sent(prefillTokens);
    }

    @Override
    public void firstToken(long ttftMicros) {
      span.addEvent(
          "first token",
          clock.epochNanos(arrival.arrivalNanos() + TimeUnit.MICROSECONDS.toNanos(ttftMicros)),
          TimeUnit.NANOSECONDS);
      delegate.firstToken(ttftMicros);
    }

    @Override
    public void overdue(long micros, boolean givenUp) {
      delegate.overdue(micros, givenUp);
    }

    @Override
    public void attemptEnded(AttemptEnd end) {
      if (span.isRecording()) {
        attempt(end);
      }
      delegate.attemptEnded(end);
    }

    private void attempt(AttemptEnd end) {
      long now = clock.nanos();
      long startNanos = now - TimeUnit.MICROSECONDS.toNanos(end.e2eMicros());
      Span attempt =
          tracer
              .spanBuilder("attempt " + end.number())
              .setSpanKind(SpanKind.CLIENT)
              .setParent(Context.root().with(span))
              .setStartTimestamp(clock.epochNanos(startNanos), TimeUnit.NANOSECONDS)
              .setAttribute(SERVICE, end.service())
              .setAttribute(VERSION, end.version())
              .setAttribute(OUTCOME, VersionMeters.label(end.outcome()))
              .startSpan();
      tokens(attempt, TokenCounts.of(end.promptTokens(), end.outputTokens()));
      end.replica()
          .ifPresent(replica -> {
            attempt.setAttribute(REPLICA, replica.name());
            attempt.setAttribute(URL, replica.url());
          });
      if (!end.injected().isEmpty()) {
        attempt.setAttribute(INJECTED, end.injected());
      }
      fail(attempt, end.failure());
      attempt.end(clock.epochNanos(now), TimeUnit.NANOSECONDS);
    }

    @Override
    public void finished(CompletedRequest completed) {
      span.setAttribute(STATUS, completed.status());
      span.setAttribute(SERVICE, completed.service());
      span.setAttribute(VERSION, completed.version());
      span.setAttribute(REPLICA, completed.replica());
      span.setAttribute(MODEL, completed.version());
      tokens(span, TokenCounts.of(completed.promptTokens(), completed.outputTokens()));
      span.setAttribute(ATTEMPTS, completed.attempts());
      span.setAttribute(RESUMES, completed.resumes());
      fail(span, completed.failure());
      span.end(clock.epochNanos(clock.nanos()), TimeUnit.NANOSECONDS);
      delegate.finished(completed);
    }

    private static void tokens(Span counted, TokenCounts tokens) {
      tokens.prompt().ifPresent(count -> counted.setAttribute(INPUT_TOKENS, count));
      tokens.output().ifPresent(count -> counted.setAttribute(OUTPUT_TOKENS, count));
    }

    private static void fail(Span failed, Optional<Failure> failure) {
      failure.ifPresent(why -> {
        failed.setAttribute(ERROR, why.code());
        failed.setStatus(StatusCode.ERROR, why.message());
      });
    }
  }
}
