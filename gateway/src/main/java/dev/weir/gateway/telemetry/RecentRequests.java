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

/// Remembers the last requests, running ones included, so that a request can be explained later;
/// passes everything on to the recorder behind it.
///
/// A ring: each request that arrives takes the place of the oldest. It costs one small object a
/// request and no lock that another request holds.
public final class RecentRequests implements RequestRecorder {
  /// The kind of question that it answers.
  public static final String QUESTION = "explain";

  /// Names may be given by clients, and then need not be unique.
  private static final int MOST_OF_ONE_NAME = 8;

  private final RequestRecorder behind;
  private final SteadyClock clock;
  private final String gateway;
  private final AtomicReferenceArray<RequestTraceEntry> ring;
  private final AtomicLong next = new AtomicLong();
  private final JsonFactory json = new JsonFactory();

  /// @param gateway its id
  /// @param most requests that are remembered, 1 or more
  public RecentRequests(RequestRecorder behind, SteadyClock clock, String gateway, int most) {
    this.behind = behind;
    this.clock = clock;
    this.gateway = gateway;
    this.ring = new AtomicReferenceArray<>(most);
  }

  @Override
  public RequestObserver arrived(AdmittedRequest arrival) {
    RequestTraceEntry requestTraceEntry = new RequestTraceEntry(arrival);
    ring.set((int) (next.getAndIncrement() % ring.length()), requestTraceEntry);
    return new Remembering(behind.arrived(arrival), requestTraceEntry);
  }

  /// Nobody will ask what became of it.
  @Override
  public RequestObserver generated(AdmittedRequest arrival) {
    return behind.generated(arrival);
  }

  @Override
  public void refused(String requestId, String method, String path, Failure failure) {
    behind.refused(requestId, method, path, failure);
  }

  /// What is remembered under a name, newest first, and since when anything is.
  ///
  /// @return JSON: `traces`, `since` (left out when nothing is remembered), `requestTraceEntry`
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
          .limit(MOST_OF_ONE_NAME)
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

  private final class Remembering implements RequestObserver {
    private final RequestObserver behind;
    private final RequestTraceEntry requestTraceEntry;

    Remembering(RequestObserver behind, RequestTraceEntry requestTraceEntry) {
      this.behind = behind;
      this.requestTraceEntry = requestTraceEntry;
    }

    @Override
    public void firstToken(long ttftMicros) {
      behind.firstToken(ttftMicros);
    }

    @Override
    public void overdue(long micros, boolean givenUp) {
      behind.overdue(micros, givenUp);
    }

    @Override
    public void attemptEnded(AttemptEnd end) {
      requestTraceEntry.ended(end, clock.nanos());
      behind.attemptEnded(end);
    }

    @Override
    public void finished(CompletedRequest completed) {
      requestTraceEntry.finished(completed);
      behind.finished(completed);
    }

    @Override
    public void mirrored(String service, String result) {
      requestTraceEntry.mirrored(service, result);
      behind.mirrored(service, result);
    }

    @Override
    public void graded(int thousandths) {
      behind.graded(thousandths);
    }

    @Override
    public RequestObserver copy() {
      return behind.copy();
    }
  }
}
