// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/// The access log as JSON lines, written by its own thread from a bounded queue; lines that do not
/// fit are dropped and counted. Contains no key, prompt or answer. Fields: `time, request_id,
/// method, path, principal, tenant, model, service, version, replica, status, outcome` (`success`,
/// `failure`, `backpressure`, `neutral`) `, fault, cause` (the failure's code) `, stream, attempts,
/// resumes, fell_back, route, fallback, first_service` (if there was a fallback to another service)
/// `, injected` (faults, by name) `, ttft_ms, queue_ms, duration_ms, prompt_tokens, output_tokens`
/// (absent if unknown). A rejected request has the fields that exist.
public final class JsonAccessLog implements AccessLog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JsonAccessLog.class);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(3);
  private static final int MAX_TEXT = 256;

  private final InstantSource clock;
  private final OutputStream out;
  private final BlockingQueue<Line> waiting;
  private final AtomicLong dropped = new AtomicLong();
  private final JsonFactory json =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();
  private final Thread thread;
  private volatile boolean closing;

  /// Starts its thread.
  ///
  /// @param out closed with this log
  /// @param capacity maximum number of waiting lines
  public JsonAccessLog(InstantSource clock, OutputStream out, int capacity) {
    this.clock = clock;
    this.out = new BufferedOutputStream(out, 64 * 1024);
    this.waiting = new ArrayBlockingQueue<>(capacity);
    this.thread = Thread.ofVirtual().name("access-log").start(this::run);
  }

  private sealed interface Line {
    Instant at();

    record Done(Instant at, CompletedRequest completed) implements Line {}

    record Refused(Instant at, String requestId, String method, String path, Failure failure)
        implements Line {}
  }

  @Override
  public void finished(CompletedRequest completed) {
    offer(new Line.Done(clock.instant(), completed));
  }

  @Override
  public void refused(String requestId, String method, String path, Failure failure) {
    offer(new Line.Refused(clock.instant(), requestId, method, path, failure));
  }

  private void offer(Line line) {
    if (closing || !waiting.offer(line)) {
      dropped.incrementAndGet();
    }
  }

  /// Lines dropped since the start.
  public long dropped() {
    return dropped.get();
  }

  /// Writes waiting lines and closes the output; waits at most 3 s.
  @Override
  public void close() {
    closing = true;
    try {
      if (!thread.join(CLOSE_WAIT)) {
        thread.interrupt();
        thread.join(CLOSE_WAIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (out) {
      while (!closing || !waiting.isEmpty()) {
        Line line = waiting.poll(100, TimeUnit.MILLISECONDS);
        if (line == null) {
          out.flush();
        } else {
          write(line);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | JacksonException e) {
      closing = true;
      LOG.atError()
          .addKeyValue("event", "accesslog.failed")
          .setCause(e)
          .log("The access log cannot be written and has stopped");
    }
  }

  private void write(Line line) throws IOException {
    try (JsonGenerator g = json.createGenerator(ObjectWriteContext.empty(), out)) {
      g.writeStartObject();
      g.writeStringProperty("time", line.at().toString());
      switch (line) {
        case Line.Done(_, var completed) -> write(g, completed);
        case Line.Refused refused -> write(g, refused);
      }
      g.writeEndObject();
    }
    out.write('\n');
  }

  private static void write(JsonGenerator g, Line.Refused refused) {
    g.writeStringProperty("request_id", cut(refused.requestId()));
    g.writeStringProperty("method", cut(refused.method()));
    g.writeStringProperty("path", cut(refused.path()));
    g.writeNumberProperty("status", refused.failure().kind().status());
    writeFailure(g, refused.failure());
  }

  private static void write(JsonGenerator g, CompletedRequest completed) {
    var arrival = completed.arrival();
    g.writeStringProperty("request_id", cut(arrival.requestId()));
    g.writeStringProperty("path", cut(arrival.path()));
    g.writeStringProperty("principal", arrival.key().principal());
    g.writeStringProperty("tenant", arrival.key().tenant());
    g.writeStringProperty("model", cut(arrival.model()));
    g.writeStringProperty("service", completed.service());
    g.writeStringProperty("version", completed.version());
    g.writeStringProperty("replica", completed.replica());
    g.writeNumberProperty("status", completed.status());
    if (completed.failure().isPresent()) {
      writeFailure(g, completed.failure().get());
    } else {
      g.writeStringProperty("outcome", "success");
    }
    g.writeBooleanProperty("stream", arrival.stream());
    g.writeNumberProperty("attempts", completed.attempts());
    g.writeNumberProperty("resumes", completed.resumes());
    g.writeBooleanProperty("fell_back", completed.fellBack());
    if (completed.fallbackTrace().any()) {
      g.writeStringProperty("route", completed.fallbackTrace().route());
      g.writeStringProperty("fallback", completed.fallbackTrace().headerValue());
      g.writeStringProperty("first_service", arrival.decision().service().id());
    }
    if (!completed.faults().isEmpty()) {
      g.writeStringProperty("injected", String.join(", ", completed.faults()));
    }
    if (completed.ttftMicros() >= 0) {
      g.writeNumberProperty("ttft_ms", completed.ttftMicros() / 1e3);
    }
    if (arrival.queuedNanos() > 0) {
      g.writeNumberProperty("queue_ms", arrival.queuedNanos() / 1e6);
    }
    g.writeNumberProperty("duration_ms", completed.e2eMicros() / 1e3);
    TokenCounts tokens = TokenCounts.of(completed.promptTokens(), completed.outputTokens());
    tokens.prompt().ifPresent(count -> g.writeNumberProperty("prompt_tokens", count));
    tokens.output().ifPresent(count -> g.writeNumberProperty("output_tokens", count));
  }

  private static void writeFailure(JsonGenerator g, Failure failure) {
    g.writeStringProperty("outcome", failure.kind().outcome().name().toLowerCase(Locale.ROOT));
    String fault =
        switch (failure.kind().attribution()) {
          case CLIENT -> "client";
          case GATEWAY -> "gateway";
          case ENGINE -> "engine";
        };
    g.writeStringProperty("fault", fault);
    g.writeStringProperty("cause", failure.kind().code());
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }
}
