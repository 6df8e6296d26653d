// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/// One remembered request: names, times and counts, but no prompt, answer or reference to the
/// snapshot that served it. Written on its event loop, read by any thread.
final class RequestTraceEntry {
  private final String id;
  private final String path;
  private final String model;
  private final boolean stream;
  private final String principal;
  private final String service;
  private final String version;
  private final boolean canary;
  private final String rollout;
  private final long sequence;
  private final long arrivalNanos;
  private final long waitedNanos;
  private String mirror = "";
  private String mirrorResult = "";
  private final List<Attempt> attempts = new ArrayList<>(1);
  private @Nullable End end;

  private record Attempt(AttemptEnd end, String why, long afterNanos) {}

  private record End(
      int status,
      String failure,
      String service,
      String fallback,
      String version,
      String replica,
      int attempts,
      int resumes,
      boolean fellBack,
      long ttftMicros,
      long tookMicros,
      long promptTokens,
      long outputTokens) {}

  RequestTraceEntry(AdmittedRequest arrival) {
    this.id = arrival.requestId();
    this.path = arrival.path();
    this.model = arrival.model();
    this.stream = arrival.stream();
    this.principal = arrival.key().principal();
    this.service = arrival.decision().service().id();
    this.version = arrival.decision().arm().version();
    this.canary = arrival.decision().toCanary();
    this.rollout = arrival.decision().rollout().map(arm -> arm.rollout()).orElse("");
    this.sequence = arrival.current().sequence();
    this.arrivalNanos = arrival.arrivalNanos() - arrival.queuedNanos();
    this.waitedNanos = arrival.queuedNanos();
  }

  String id() {
    return id;
  }

  /// Arrival before any queueing.
  long arrivalNanos() {
    return arrivalNanos;
  }

  synchronized void ended(AttemptEnd attempt, long nowNanos) {
    attempts.add(new Attempt(attempt, why(attempt), nowNanos - arrivalNanos));
  }

  synchronized void mirrored(String toService, String result) {
    mirror = toService;
    mirrorResult = result;
  }

  /// The reason for an attempt: a broken stream is resumed at the same version; an attempt that
  /// failed before its first byte is retried at the same or another version.
  private String why(AttemptEnd attempt) {
    if (attempts.isEmpty()) {
      return "first";
    }
    AttemptEnd before = attempts.getLast().end();
    if (!before.service().equals(attempt.service())) {
      return "fallback";
    }
    if (!before.version().equals(attempt.version())) {
      return "stable";
    }
    return before.truncated() || attempts.getLast().why().equals("resume") ? "resume" : "retry";
  }

  synchronized void finished(CompletedRequest completed) {
    end =
        new End(
            completed.status(),
            describe(completed.failure()),
            completed.service(),
            completed.fallbackTrace().headerValue(),
            completed.version(),
            completed.replica(),
            completed.attempts(),
            completed.resumes(),
            completed.fellBack(),
            completed.ttftMicros(),
            completed.e2eMicros(),
            completed.promptTokens(),
            completed.outputTokens());
  }

  private static String describe(Optional<Failure> failure) {
    return failure.map(f -> f.code() + ": " + f.message()).orElse("");
  }

  /// @param gateway that remembers the request
  synchronized void write(JsonGenerator g, String gateway, Instant arrivedAt) {
    g.writeStartObject();
    g.writeStringProperty("id", id);
    g.writeStringProperty("gateway", gateway);
    g.writeStringProperty("arrivedAt", arrivedAt.toString());
    g.writeStringProperty("path", path);
    g.writeStringProperty("model", model);
    g.writeBooleanProperty("stream", stream);
    g.writeStringProperty("principal", principal);
    g.writeStringProperty("service", service);
    g.writeStringProperty("version", version);
    g.writeBooleanProperty("canary", canary);
    g.writeStringProperty("rollout", rollout);
    g.writeNumberProperty("snapshot", sequence);
    g.writeNumberProperty("waitedMillis", waitedNanos / 1e6);
    g.writeStringProperty("mirror", mirror);
    g.writeStringProperty("mirrorResult", mirrorResult);
    g.writeArrayPropertyStart("attempts");
    attempts.forEach(attempt -> write(g, attempt));
    g.writeEndArray();
    if (end != null) {
      write(g, end);
    }
    g.writeEndObject();
  }

  private static void write(JsonGenerator g, Attempt attempt) {
    AttemptEnd end = attempt.end();
    g.writeStartObject();
    g.writeNumberProperty("number", end.number());
    g.writeStringProperty("why", attempt.why());
    g.writeStringProperty("service", end.service());
    g.writeStringProperty("version", end.version());
    g.writeStringProperty("replica", end.replica().map(ReplicaEntry::name).orElse(""));
    g.writeNumberProperty("endedAfterMillis", attempt.afterNanos() / 1e6);
    g.writeStringProperty("outcome", end.outcome().name().toLowerCase(Locale.ROOT));
    g.writeStringProperty("failure", describe(end.failure()));
    g.writeNumberProperty("ttftMillis", millis(end.ttftMicros()));
    write(g, TokenCounts.of(end.promptTokens(), end.outputTokens()));
    g.writeBooleanProperty("truncated", end.truncated());
    g.writeStringProperty("injected", end.injected());
    g.writeEndObject();
  }

  private static void write(JsonGenerator g, End end) {
    g.writeObjectPropertyStart("end");
    g.writeNumberProperty("status", end.status());
    g.writeStringProperty("failure", end.failure());
    g.writeStringProperty("service", end.service());
    g.writeStringProperty("fallback", end.fallback());
    g.writeStringProperty("version", end.version());
    g.writeStringProperty("replica", end.replica());
    g.writeNumberProperty("attempts", end.attempts());
    g.writeNumberProperty("resumes", end.resumes());
    g.writeBooleanProperty("fellBack", end.fellBack());
    g.writeNumberProperty("ttftMillis", millis(end.ttftMicros()));
    g.writeNumberProperty("tookMillis", millis(end.tookMicros()));
    write(g, TokenCounts.of(end.promptTokens(), end.outputTokens()));
    g.writeEndObject();
  }

  private static void write(JsonGenerator g, TokenCounts tokens) {
    g.writeNumberProperty("promptTokens", tokens.prompt().orElse(TokenCounts.UNKNOWN));
    g.writeNumberProperty("outputTokens", tokens.output().orElse(TokenCounts.UNKNOWN));
  }

  private static double millis(long micros) {
    return micros < 0 ? -1 : micros / 1e3;
  }
}
