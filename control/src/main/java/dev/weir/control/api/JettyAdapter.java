// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.ApiRoute;
import dev.weir.control.api.call.CallLimiter;
import dev.weir.control.api.call.ProblemException;
import dev.weir.control.api.call.ProblemType;
import dev.weir.control.meter.ControlMeters;
import dev.weir.snapshot.metric.Metric;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.URIUtil;

/// Connects Jetty to the dispatcher: converts requests to `Incoming` and `ApiResponse` to bytes.
/// Runs on a virtual thread for each call, so it may block.
final class JettyAdapter extends Handler.Abstract {
  static final String REQUEST_ID = "x-request-id";
  private static final Pattern VALID_ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
  private static final Pattern AMBIGUOUS =
      Pattern.compile("(?i)[;\\\\]|%3b|%5c|//|/(\\.|%2e){1,2}(/|$)");
  private static final long MAX_DISCARDED_BYTES = 64L << 20;
  private static final Duration BODY_TIMEOUT = Duration.ofSeconds(60);

  private final Dispatcher dispatcher;
  private final CallLimiter calls;
  private final MeterRegistry metrics;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Set<Thread> streaming = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  JettyAdapter(
      Dispatcher dispatcher,
      CallLimiter calls,
      MeterRegistry metrics,
      InstantSource clock,
      RandomGenerator random) {
    this.dispatcher = dispatcher;
    this.calls = calls;
    this.metrics = metrics;
    this.clock = clock;
    this.random = random;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    try {
      serve(request, response, callback);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      callback.failed(e);
    } catch (IOException | RuntimeException e) {
      callback.failed(e);
    }
    return true;
  }

  /// Ends all streams; other calls continue.
  void endStreams() {
    stopping = true;
    streaming.forEach(Thread::interrupt);
  }

  private void serve(Request request, Response response, Callback callback)
      throws IOException, InterruptedException {
    var in = new JettyIncoming(request, requestId(request));
    response.getHeaders().put(REQUEST_ID, in.requestId());
    Timer.Sample started = Timer.start(metrics);
    Dispatcher.Ending ending = dispatched(in);
    switch (ending.answer()) {
      case ApiResponse.Whole whole -> {
        count(started, request, ending.template(), whole.status());
        send(response, whole, callback);
      }
      case ApiResponse.Download download -> {
        count(started, request, ending.template(), 200);
        send(response, download, callback);
      }
      case ApiResponse.Stream stream -> stream(stream, in, response, callback);
    }
  }

  private Dispatcher.Ending dispatched(JettyIncoming in) {
    try (CallLimiter.CallSlot _ = calls.take()) {
      return dispatcher.dispatch(in);
    } catch (ProblemException e) {
      return new Dispatcher.Ending(Dispatcher.problem(e, in.requestId()), "none");
    }
  }

  private static void send(Response response, ApiResponse.Whole answer, Callback callback) {
    response.setStatus(answer.status());
    HttpFields.Mutable headers = response.getHeaders();
    headers.put("Content-Type", answer.contentType());
    headers.put("Cache-Control", "no-store");
    answer.headers().forEach(headers::put);
    response.write(true, ByteBuffer.wrap(answer.body()), callback);
  }

  /// The idle timeout of the connection ends a download that the client does not read.
  private static void send(Response response, ApiResponse.Download answer, Callback callback)
      throws IOException {
    try (CallLimiter.CallSlot _ = answer.slot();
        InputStream content = answer.content()) {
      response.setStatus(200);
      HttpFields.Mutable headers = response.getHeaders();
      headers.put("Content-Type", answer.contentType());
      headers.put("Content-Length", answer.bytes());
      headers.put("Cache-Control", "no-store");
      answer.headers().forEach(headers::put);
      byte[] buffer = new byte[64 * 1024];
      for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
        Content.Sink.write(response, false, ByteBuffer.wrap(buffer, 0, read));
      }
    }
    response.write(true, ByteBuffer.allocate(0), callback);
  }

  private void stream(
      ApiResponse.Stream stream, JettyIncoming in, Response response, Callback callback)
      throws IOException, InterruptedException {
    CallLimiter.CallSlot taken;
    try {
      taken = stream.limiter().take();
    } catch (ProblemException e) {
      send(response, Dispatcher.problem(e, in.requestId()), callback);
      return;
    }
    streaming.add(Thread.currentThread());
    try (taken) {
      if (!stopping) {
        response.setStatus(200);
        response.getHeaders().put("Content-Type", "text/event-stream");
        response.getHeaders().put("Cache-Control", "no-store");
        stream.source().run(events -> Content.Sink.write(response, false, ByteBuffer.wrap(events)));
      }
      response.write(true, ByteBuffer.allocate(0), callback);
    } finally {
      streaming.remove(Thread.currentThread());
    }
  }

  private void count(Timer.Sample started, Request request, String template, int status) {
    String method = template.equals("none") ? "other" : request.getMethod();
    started.stop(
        ControlMeters.summary(
            metrics,
            Metric.API_CALLS,
            Tags.of("route", template, "method", method, "status", Integer.toString(status))));
  }

  private String requestId(Request request) {
    return givenId(request).orElseGet(() -> HexFormat.of().toHexDigits(random.nextLong()));
  }

  /// The request id of the caller, if it is safe for logs.
  static Optional<String> givenId(Request request) {
    return Optional.ofNullable(request.getHeaders().get(REQUEST_ID))
        .filter(id -> VALID_ID.matcher(id).matches());
  }

  /// A request from Jetty.
  private final class JettyIncoming implements Dispatcher.Incoming {
    private final Request request;
    private final String requestId;

    JettyIncoming(Request request, String requestId) {
      this.request = request;
      this.requestId = requestId;
    }

    @Override
    public String method() {
      return request.getMethod();
    }

    @Override
    public List<String> path() {
      List<String> segments = new ArrayList<>();
      for (String segment : ApiRoute.split(plainPath())) {
        segments.add(decoded(segment));
      }
      return segments;
    }

    /// Refuses parameters, empty segments and dots in a path. Two parsers may interpret them
    /// differently, so a proxy may have checked another path than this one.
    private String plainPath() {
      String path = String.valueOf(request.getHttpURI().getPath());
      if (!path.startsWith("/") || AMBIGUOUS.matcher(path).find()) {
        throw ProblemException.of(
            ProblemType.MALFORMED,
            "a path must have no parameters (;), no backslash, and no empty, . or .. segment;"
                + " see /api/v1/openapi.json");
      }
      return path;
    }

    @Override
    public Map<String, List<String>> query() {
      Map<String, List<String>> query = new TreeMap<>();
      try {
        for (Fields.Field field : Request.extractQueryParameters(request)) {
          query.put(field.getName(), field.getValues());
        }
      } catch (RuntimeException e) {
        throw ProblemException.of(ProblemType.MALFORMED, "the query cannot be read");
      }
      return query;
    }

    @Override
    public Optional<String> header(String name) {
      return Optional.ofNullable(request.getHeaders().get(name));
    }

    @Override
    public String requestId() {
      return requestId;
    }

    @Override
    public String sourceAddress() {
      return Request.getRemoteAddr(request);
    }

    @Override
    public byte[] body(int maxBytes) {
      try {
        if (request.getLength() > maxBytes) {
          discard();
          throw tooLarge(maxBytes);
        }
        return read(maxBytes);
      } catch (IOException | HttpException.RuntimeException e) {
        throw e.getCause() instanceof TimeoutException
            ? tooSlow()
            : ProblemException.of(ProblemType.MALFORMED, "the body is incomplete or malformed");
      }
    }

    private byte[] read(int maxBytes) throws IOException {
      Instant deadline = clock.instant().plus(BODY_TIMEOUT);
      var body = new ByteArrayOutputStream();
      byte[] buffer = new byte[16 * 1024];
      InputStream in = Content.Source.asInputStream(request);
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        body.write(buffer, 0, read);
        if (body.size() > maxBytes) {
          discard();
          throw tooLarge(maxBytes);
        }
        if (clock.instant().isAfter(deadline)) {
          throw tooSlow();
        }
      }
      return body.toByteArray();
    }

    /// Reads and discards the rest, within limits. Otherwise a client that is still sending gets a
    /// reset instead of the response.
    private void discard() throws IOException {
      Instant deadline = clock.instant().plus(BODY_TIMEOUT);
      byte[] buffer = new byte[64 * 1024];
      InputStream in = Content.Source.asInputStream(request);
      long left = MAX_DISCARDED_BYTES;
      while (left > 0 && clock.instant().isBefore(deadline)) {
        int read = in.read(buffer);
        if (read < 0) {
          return;
        }
        left -= read;
      }
    }

    private static ProblemException tooSlow() {
      return ProblemException.of(
          ProblemType.TIMEOUT, "the body did not arrive within " + BODY_TIMEOUT.toSeconds() + " s");
    }

    private static ProblemException tooLarge(int maxBytes) {
      return ProblemException.of(
          ProblemType.TOO_LARGE, "the body may have at most " + maxBytes + " bytes; split it");
    }

    private static String decoded(String segment) {
      try {
        return URIUtil.decodePath(segment);
      } catch (RuntimeException e) {
        throw ProblemException.of(ProblemType.MALFORMED, "the path cannot be read");
      }
    }
  }
}
