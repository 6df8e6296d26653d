// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.RequestRecorder;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Remembers the most recent requests, including running ones, so that they can be explained later.
/// Passes all events to the next recorder.
///
/// A ring buffer: each request replaces the oldest. It costs one small object per request, and no
/// request waits for another's lock.
public final class RecentRequests implements RequestRecorder {
  /// The kind of question that this class answers.
  public static final String QUESTION = "explain";

  /// Clients may set request ids, which then need not be unique.
  private static final int MAX_PER_ID = 8;

  private final RequestRecorder delegate;
  private final SteadyClock clock;
  private final String gateway;
  private final AtomicReferenceArray<RequestTraceEntry> ring;
  private final AtomicLong next = new AtomicLong();
  private final JsonFactory json = new JsonFactory();

  /// @param gateway its id
  /// @param most number of requests remembered, 1 or more
  public RecentRequests(RequestRecorder delegate, SteadyClock clock, String gateway, int most) {
    this.delegate = delegate;
    this.clock = clock;
    this.gateway = gateway;
    this.ring = new AtomicReferenceArray<>(most);
  }

  @Override
  public RequestObserver arrived(AdmittedRequest arrival) {
    RequestTraceEntry requestTraceEntry = new RequestTraceEntry(arrival);
    ring.set((int) (next.getAndIncrement() % ring.length()), requestTraceEntry);
    return new RememberingObserver(delegate.arrived(arrival), requestTraceEntry);
  }

  /// Generated requests are not remembered.
  @Override
  public RequestObserver generated(AdmittedRequest arrival) {
    return delegate.generated(arrival);
  }

  @Override
  public void refused(String requestId, String method, String path, Failure failure) {
    delegate.refused(requestId, method, path, failure);
  }

  /// The remembered requests with an id, newest first, and the time since when requests are
  /// remembered.
  ///
  /// @return JSON: `traces`, `remembered`, `since` (absent if nothing is remembered)
  public String explain(String id) {
    StringWriter text = new StringWriter();
    try (JsonGenerator g = json.createGenerator(ObjectWriteContext.empty(), text)) {
      g.writeStartObject();
      g.writeArrayPropertyStart("traces");
      long[] oldest = {Long.MAX_VALUE};
      List<RequestTraceEntry> all = newestFirst();
      all.forEach(request -> oldest[0] = Math.min(oldest[0], request.arrivalNanos()));
      all.stream()
          .filter(request -> request.id().equals(id))
          .limit(MAX_PER_ID)
          .forEach(request -> request.write(g, gateway, at(request.arrivalNanos())));
      g.writeEndArray();
      g.writeNumberProperty("remembered", all.size());
      if (!all.isEmpty()) {
        g.writeStringProperty("since", at(oldest[0]).toString());
      }
      g.writeEndObject();
    }
    return text.toString();
  }

  private Instant at(long nanos) {
    return Instant.ofEpochMilli(clock.millis()).minusNanos(clock.nanos() - nanos);
  }

  private List<RequestTraceEntry> newestFirst() {
    List<RequestTraceEntry> all = new ArrayList<>();
    long last = next.get();
    for (long i = last - 1; i >= Math.max(0, last - ring.length()); i--) {
      RequestTraceEntry request = ring.get((int) (i % ring.length()));
      if (request != null) {
        all.add(request);
      }
    }
    return all;
  }

  private final class RememberingObserver implements RequestObserver {
    private final RequestObserver delegate;
    private final RequestTraceEntry requestTraceEntry;

    RememberingObserver(RequestObserver delegate, RequestTraceEntry requestTraceEntry) {
      this.delegate = delegate;
      this.requestTraceEntry = requestTraceEntry;
    }

    @Override
    public void sent(int prefillTokens) {
      delegate.sent(prefillTokens);
    }

    @Override
    public void firstToken(long ttftMicros) {
      delegate.firstToken(ttftMicros);
    }

    @Override
    public void overdue(long micros, boolean givenUp) {
      delegate.overdue(micros, givenUp);
    }

    @Override
    public void attemptEnded(AttemptEnd end) {
      requestTraceEntry.ended(end, clock.nanos());
      delegate.attemptEnded(end);
    }

    @Override
    public void finished(CompletedRequest completed) {
      requestTraceEntry.finished(completed);
      delegate.finished(completed);
    }

    @Override
    public void mirrored(String service, String result) {
      requestTraceEntry.mirrored(service, result);
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
  }
}
