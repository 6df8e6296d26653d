// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.control.access.Access;
import dev.weir.control.access.Action;
import dev.weir.control.access.Caller;
import dev.weir.control.access.Scope;
import dev.weir.control.access.Verdict;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.Question;
import dev.weir.snapshot.QuestionCodec;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.SnapshotFormats;
import dev.weir.snapshot.SnapshotFrames;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.TelemetryAck;
import dev.weir.snapshot.TelemetryCodec;
import dev.weir.snapshot.TelemetryRefusedException;
import dev.weir.snapshot.WireFormatException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The gateways' side of the house: the same `ControlLink` that a gateway in this process uses, put
/// on the wire.
final class LinkCalls {
  private static final Duration PING_EVERY = Duration.ofMillis(SnapshotFrames.PING_EVERY_MILLIS);

  private final ControlLink link;
  private final Access access;
  private final Seats seats;
  private final Outage outage;

  /// By format, the newest frame: encoded once, sent to every gateway that reads it.
  private final Map<Integer, Frame> newest = new ConcurrentHashMap<>();

  LinkCalls(ControlLink link, Access access, Seats seats, Outage outage) {
    this.link = link;
    this.access = access;
    this.seats = seats;
    this.outage = outage;
  }

  Answer snapshots(Call call) {
    long after = call.number("after").orElse(0);
    int format = format(call.query().getOrDefault("formats", ""));
    return new Answer.Stream(seats, out -> run(call.caller(), after, format, out));
  }

  Answer telemetry(Call call) throws InterruptedException {
    try {
      Telemetry batch = TelemetryCodec.decode(call.body());
      TelemetryAck ack = link.send(batch);
      return new Answer.Whole(200, Json.CONTENT_TYPE, TelemetryCodec.encode(ack), Map.of());
    } catch (WireFormatException e) {
      throw ProblemException.of(ProblemType.MALFORMED, String.valueOf(e.getMessage()));
    } catch (TelemetryRefusedException e) {
      throw ProblemException.of(ProblemType.INVALID, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw ProblemException.later(
          ProblemType.OVERLOADED, "the batch was not taken: " + e.getMessage(), outage.failed());
    }
  }

  Answer answers(Call call) throws InterruptedException {
    try {
      link.answer(QuestionCodec.decodeAnswer(call.body()));
      return new Answer.Whole(200, Json.CONTENT_TYPE, "{}".getBytes(UTF_8), Map.of());
    } catch (IOException e) {
      throw ProblemException.of(ProblemType.MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  private static int format(String asked) {
    try {
      List<Integer> theirs = SnapshotFormats.parse(asked);
      return SnapshotFormats.best(theirs)
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "this control plane writes snapshot formats %s, the gateway reads %s: update the older of the two"
                      .formatted(SnapshotFormats.READABLE, theirs)));
    } catch (IllegalArgumentException e) {
      throw ProblemException.of(ProblemType.MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  private void run(Caller caller, long after, int format, Answer.Sink out)
      throws IOException, InterruptedException {
    try (var latest = new Latest()) {
      link.subscribe(after, latest);
      Optional<Latest.News> next = latest.take(Duration.ZERO);
      while (isGateway(caller)) {
        out.write(next.map(news -> frame(news, format)).orElseGet(SnapshotFrames::ping));
        if (latest.ended()) {
          return;
        }
        next = latest.take(PING_EVERY);
      }
    }
  }

  private byte[] frame(Latest.News news, int format) {
    return switch (news) {
      case Latest.News.Asked(Question question) -> SnapshotFrames.ask(question);
      case Latest.News.Picture(Published published) -> frame(published, format);
    };
  }

  private byte[] frame(Published published, int format) {
    Frame known = newest.get(format);
    if (known == null || !known.hash().equals(published.hash())) {
      RoutingSnapshot edition = SnapshotFormats.in(format, published.snapshot());
      byte[] bytes = SnapshotFrames.snapshot(edition.sequence(), SnapshotCodec.encode(edition));
      known = new Frame(published.hash(), bytes);
      newest.put(format, known);
    }
    return known.bytes();
  }

  private boolean isGateway(Caller caller) {
    return switch (access.again(caller)) {
      case Verdict.Allowed(Caller now) -> now.may(Action.LINK, Scope.EVERYWHERE);
      case Verdict.Unauthenticated _, Verdict.Forbidden _ -> false;
    };
  }

  /// @param hash of the snapshot in the newest format, which names it here
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  private record Frame(String hash, byte[] bytes) {}
}
