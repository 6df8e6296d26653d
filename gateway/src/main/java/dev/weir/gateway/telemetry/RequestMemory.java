// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.Arrival;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.Finished;
import dev.weir.gateway.exchange.Recorder;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Remembers the last requests, running ones included, so that somebody can ask what became of one;
/// passes everything on to the recorder behind it.
///
/// A ring: each request that arrives takes the place of the oldest. It costs one small object a
/// request and no lock that another request holds.
public final class RequestMemory implements Recorder {
  /// The kind of question that it answers.
  public static final String QUESTION = "explain";

  /// Names may be given by clients, and then need not be unique.
  private static final int MOST_OF_ONE_NAME = 8;

  private final Recorder behind;
  private final SteadyClock clock;
  private final String gateway;
  private final AtomicReferenceArray<Remembered> ring;
  private final AtomicLong next = new AtomicLong();
  private final JsonFactory json = new JsonFactory();

  /// @param gateway its id
  /// @param most requests that are remembered, 1 or more
  public RequestMemory(Recorder behind, SteadyClock clock, String gateway, int most) {
    this.behind = behind;
    this.clock = clock;
    this.gateway = gateway;
    this.ring = new AtomicReferenceArray<>(most);
  }

  @Override
  public Ticket arrived(Arrival arrival) {
    Remembered remembered = new Remembered(arrival);
    ring.set((int) (next.getAndIncrement() % ring.length()), remembered);
    return new Remembering(behind.arrived(arrival), remembered);
  }

  /// Nobody will ask what became of it.
  @Override
  public Ticket generated(Arrival arrival) {
    return behind.generated(arrival);
  }

  @Override
  public void refused(String requestId, String method, String path, Failure failure) {
    behind.refused(requestId, method, path, failure);
  }

  /// What is remembered under a name, newest first, and since when anything is.
  ///
  /// @return JSON: `traces`, `since` (left out when nothing is remembered), `remembered`
  public String explain(String id) {
    StringWriter text = new StringWriter();
    try (JsonGenerator g = json.createGenerator(ObjectWriteContext.empty(), text)) {
      g.writeStartObject();
      g.writeArrayPropertyStart("traces");
      long[] oldest = {Long.MAX_VALUE};
      List<Remembered> all = newestFirst();
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

  private List<Remembered> newestFirst() {
    List<Remembered> all = new ArrayList<>();
    long last = next.get();
    for (long i = last - 1; i >= Math.max(0, last - ring.length()); i--) {
      Remembered request = ring.get((int) (i % ring.length()));
      if (request != null) {
        all.add(request);
      }
    }
    return all;
  }

  private final class Remembering implements Ticket {
    private final Ticket behind;
    private final Remembered remembered;

    Remembering(Ticket behind, Remembered remembered) {
      this.behind = behind;
      this.remembered = remembered;
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
      remembered.ended(end, clock.nanos());
      behind.attemptEnded(end);
    }

    @Override
    public void finished(Finished finished) {
      remembered.finished(finished);
      behind.finished(finished);
    }

    @Override
    public void mirrored(String service, String result) {
      remembered.mirrored(service, result);
      behind.mirrored(service, result);
    }

    @Override
    public void graded(int thousandths) {
      behind.graded(thousandths);
    }

    @Override
    public Ticket copy() {
      return behind.copy();
    }
  }
}
