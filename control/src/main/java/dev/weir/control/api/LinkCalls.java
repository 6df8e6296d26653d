// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.Access;
import dev.weir.control.access.Action;
import dev.weir.control.access.Caller;
import dev.weir.control.access.Scope;
import dev.weir.control.access.Verdict;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.SnapshotFrames;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.TelemetryAck;
import dev.weir.snapshot.TelemetryCodec;
import dev.weir.snapshot.TelemetryRefusedException;
import dev.weir.snapshot.WireFormatException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// The gateways' side of the house: the same `ControlLink` that a gateway in this process uses, put
/// on the wire.
final class LinkCalls {
  private static final Duration PING_EVERY = Duration.ofMillis(SnapshotFrames.PING_EVERY_MILLIS);

  private final ControlLink link;
  private final Access access;
  private final Seats seats;

  /// The newest frame: encoded once, sent to every gateway.
  private volatile Frame newest = new Frame("", new byte[0]);

  LinkCalls(ControlLink link, Access access, Seats seats) {
    this.link = link;
    this.access = access;
    this.seats = seats;
  }

  Answer snapshots(Call call) {
    long after = call.number("after").orElse(0);
    return new Answer.Stream(seats, out -> run(call.caller(), after, out));
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
      throw ProblemException.of(
              ProblemType.OVERLOADED, "the batch was not taken: " + e.getMessage())
          .withHeader("Retry-After", "1");
    }
  }

  private void run(Caller caller, long after, Answer.Sink out)
      throws IOException, InterruptedException {
    try (var latest = new Latest()) {
      link.subscribe(after, latest);
      Optional<Published> next = latest.take(Duration.ZERO);
      while (isGateway(caller)) {
        out.write(next.map(this::frame).orElseGet(SnapshotFrames::ping));
        if (latest.ended()) {
          return;
        }
        next = latest.take(PING_EVERY);
      }
    }
  }

  private byte[] frame(Published published) {
    Frame known = newest;
    if (!known.hash().equals(published.hash())) {
      byte[] encoded = SnapshotCodec.encode(published.snapshot());
      known =
          new Frame(
              published.hash(), SnapshotFrames.snapshot(published.snapshot().sequence(), encoded));
      newest = known;
    }
    return known.bytes();
  }

  private boolean isGateway(Caller caller) {
    return switch (access.again(caller)) {
      case Verdict.Allowed(Caller now) -> now.may(Action.LINK, Scope.EVERYWHERE);
      case Verdict.Unauthenticated _, Verdict.Forbidden _ -> false;
    };
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  private record Frame(String hash, byte[] bytes) {}
}
