// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.control.access.AccessControl;
import dev.weir.control.access.AccessDecision;
import dev.weir.control.access.AccessScope;
import dev.weir.control.access.AuthenticatedCaller;
import dev.weir.control.access.Permission;
import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.CallLimiter;
import dev.weir.control.api.call.ProblemException;
import dev.weir.control.api.call.ProblemType;
import dev.weir.control.api.call.StoreOutage;
import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.Question;
import dev.weir.snapshot.QuestionCodec;
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

/// Serves gateways: the same `ControlLink` that a gateway in this process uses, over HTTP.
final class LinkCalls {
  private static final Duration PING_EVERY = Duration.ofMillis(SnapshotFrames.PING_EVERY_MILLIS);

  private final ControlLink link;
  private final AccessControl accessControl;
  private final CallLimiter callLimiter;
  private final StoreOutage storeOutage;

  private final SnapshotEncoder encoder = new SnapshotEncoder();

  LinkCalls(
      ControlLink link,
      AccessControl accessControl,
      CallLimiter callLimiter,
      StoreOutage storeOutage) {
    this.link = link;
    this.accessControl = accessControl;
    this.callLimiter = callLimiter;
    this.storeOutage = storeOutage;
  }

  ApiResponse snapshots(ApiCall call) {
    long after = call.number("after").orElse(0);
    int format = format(call.query().getOrDefault("formats", ""));
    boolean deltas = "1".equals(call.query().get("deltas"));
    return new ApiResponse.Stream(
        callLimiter, out -> run(call.caller(), after, encoder.stream(format, deltas), out));
  }

  ApiResponse telemetry(ApiCall call) throws InterruptedException {
    try {
      Telemetry batch = TelemetryCodec.decode(call.body());
      TelemetryAck ack = link.send(batch);
      return new ApiResponse.Whole(200, ApiJson.CONTENT_TYPE, TelemetryCodec.encode(ack), Map.of());
    } catch (WireFormatException e) {
      throw ProblemException.of(ProblemType.MALFORMED, String.valueOf(e.getMessage()));
    } catch (TelemetryRefusedException e) {
      throw ProblemException.of(ProblemType.INVALID, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw ProblemException.temporary(
          ProblemType.OVERLOADED,
          "the batch was not accepted: " + e.getMessage(),
          storeOutage.failed());
    }
  }

  ApiResponse answers(ApiCall call) throws InterruptedException {
    try {
      link.answer(QuestionCodec.decodeAnswer(call.body()));
      return new ApiResponse.Whole(200, ApiJson.CONTENT_TYPE, "{}".getBytes(UTF_8), Map.of());
    } catch (IOException e) {
      throw ProblemException.of(ProblemType.MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  private static int format(String requested) {
    try {
      List<Integer> readable = SnapshotFormats.parse(requested);
      return SnapshotFormats.newestCommon(readable)
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "this control plane writes snapshot formats %s, the gateway reads %s: update the older of the two"
                      .formatted(SnapshotFormats.READABLE, readable)));
    } catch (IllegalArgumentException e) {
      throw ProblemException.of(ProblemType.MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  private void run(
      AuthenticatedCaller caller,
      long after,
      SnapshotEncoder.FrameStream frames,
      ApiResponse.Sink out)
      throws IOException, InterruptedException {
    try (var linkMailbox = new LinkMailbox()) {
      link.subscribe(after, linkMailbox);
      Optional<LinkMailbox.LinkMessage> next = linkMailbox.take(Duration.ZERO);
      while (isGateway(caller)) {
        out.write(
            next.map(linkMessage -> frame(linkMessage, frames)).orElseGet(SnapshotFrames::ping));
        if (linkMailbox.ended()) {
          return;
        }
        next = linkMailbox.take(PING_EVERY);
      }
    }
  }

  private static byte[] frame(
      LinkMailbox.LinkMessage linkMessage, SnapshotEncoder.FrameStream frames) {
    return switch (linkMessage) {
      case LinkMailbox.LinkMessage.QuestionAsked(Question question) -> SnapshotFrames.ask(question);
      case LinkMailbox.LinkMessage.SnapshotPublished(Published published) -> frames.next(published);
    };
  }

  private boolean isGateway(AuthenticatedCaller caller) {
    return switch (accessControl.reauthenticate(caller)) {
      case AccessDecision.Allowed(AuthenticatedCaller now) ->
          now.may(Permission.LINK, AccessScope.EVERYWHERE);
      case AccessDecision.Unauthenticated _, AccessDecision.Forbidden _ -> false;
    };
  }
}
