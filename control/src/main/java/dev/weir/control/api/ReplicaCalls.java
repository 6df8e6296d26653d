// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

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
import dev.weir.control.change.CommandResult;
import dev.weir.control.observation.Views;
import dev.weir.control.operations.ReplicaOperations;
import dev.weir.control.operations.ReplicaOperations.Order;
import dev.weir.model.view.ReplicaView;
import dev.weir.runtime.ReplicaLog;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/// Orders for single replicas, and the output of their processes.
final class ReplicaCalls {
  static final int MAX_LINES = 10_000;

  private static final int DEFAULT_LINES = 100;
  private static final int MAX_BYTES = 4 * 1024 * 1024;
  private static final int PIECE = 64 * 1024;
  private static final Duration POLL_INTERVAL = Duration.ofMillis(200);
  private static final int POLLS_TO_HEARTBEAT = 50;

  private final ReplicaOperations commands;
  private final Views views;
  private final AccessControl accessControl;
  private final CallLimiter callLimiter;

  ReplicaCalls(
      ReplicaOperations commands,
      Views views,
      AccessControl accessControl,
      CallLimiter callLimiter) {
    this.commands = commands;
    this.views = views;
    this.accessControl = accessControl;
    this.callLimiter = callLimiter;
  }

  ApiResponse order(ReplicaOperations.Verb verb, ApiCall call) {
    var order =
        new Order(call.namespace(), call.name(), verb, call.flag("now"), call.flag("force"));
    return switch (commands.order(order, call.actor(), call.reason())) {
      case CommandResult.Done(String message) -> {
        ObjectNode body = ApiJson.object().put("message", message);
        views.replicas().stream()
            .filter(replica -> is(replica, call))
            .findFirst()
            .ifPresent(replica -> body.set("replica", ApiJson.of(List.of(replica)).get(0)));
        yield ApiResponse.json(200, body);
      }
      case CommandResult.Refused(String reason) ->
          throw ProblemException.of(ProblemType.CONFLICT, reason);
      case CommandResult.NotFound _ -> throw missing(call);
    };
  }

  private static boolean is(ReplicaView replica, ApiCall call) {
    return replica.namespace().equals(call.namespace()) && replica.name().equals(call.name());
  }

  /// The last lines as text, or with `follow` one event `{"line": ...}` for each line.
  ApiResponse logs(ApiCall call) {
    int lines = lines(call);
    boolean follow = call.flag("follow");
    boolean previous = call.flag("previous");
    if (follow && previous) {
      throw ProblemException.of(
          ProblemType.MALFORMED,
          "the previous process writes no more lines: use follow or previous, not both");
    }
    ReplicaLog log =
        commands.log(call.namespace(), call.name(), lines, previous).orElseThrow(() -> noLog(call));
    return follow
        ? new ApiResponse.Stream(callLimiter, out -> follow(call, log, out))
        : ApiResponse.text(200, "text/plain; charset=utf-8", whole(log));
  }

  private static int lines(ApiCall call) {
    return (int) call.number("tail", 0, MAX_LINES).orElse(DEFAULT_LINES);
  }

  private static String whole(ReplicaLog log) {
    var text = new LogText();
    var shown = new StringBuilder();
    int read = 0;
    for (byte[] piece = log.next(PIECE);
        piece.length > 0 && read < MAX_BYTES;
        piece = log.next(PIECE)) {
      read += piece.length;
      text.lines(piece).forEach(line -> shown.append(line).append('\n'));
    }
    text.rest().forEach(line -> shown.append(line).append('\n'));
    return shown.toString();
  }

  private void follow(ApiCall call, ReplicaLog log, ApiResponse.Sink out)
      throws IOException, InterruptedException {
    var text = new LogText();
    int idle = 0;
    out.write(": following " + call.name() + "\n\n");
    while (mayContinue(call.caller(), call.namespace())) {
      byte[] piece = log.next(PIECE);
      List<String> lines = piece.length > 0 ? text.lines(piece) : text.rest();
      if (!lines.isEmpty()) {
        out.write(events(lines));
        idle = 0;
      } else if (++idle % POLLS_TO_HEARTBEAT == 0) {
        out.write(": heartbeat\n\n");
      }
      if (piece.length == 0) {
        pause();
      }
    }
  }

  private static String events(List<String> lines) {
    var events = new StringBuilder();
    lines.forEach(line ->
        events
            .append("data: ")
            .append(ApiJson.text(ApiJson.object().put("line", line)))
            .append("\n\n"));
    return events.toString();
  }

  /// Waits for the next poll. An interruption ends the wait and the stream.
  private static void pause() throws InterruptedException {
    boolean _ = new CountDownLatch(1).await(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// The key or the role may be revoked while the stream runs.
  private boolean mayContinue(AuthenticatedCaller caller, String namespace) {
    return switch (accessControl.reauthenticate(caller)) {
      case AccessDecision.Allowed(AuthenticatedCaller now) ->
          now.may(Permission.DEPLOY, new AccessScope.Namespace(namespace));
      case AccessDecision.Unauthenticated _, AccessDecision.Forbidden _ -> false;
    };
  }

  private static ProblemException missing(ApiCall call) {
    return ProblemException.of(
        ProblemType.NOT_FOUND,
        "there is no Replica/%s/%s: `weir get replicas` lists all"
            .formatted(call.namespace(), call.name()));
  }

  private ProblemException noLog(ApiCall call) {
    return views.replicas().stream()
        .filter(replica -> is(replica, call))
        .findFirst()
        .map(replica -> ProblemException.of(ProblemType.NOT_FOUND, noLog(replica)))
        .orElseGet(() -> missing(call));
  }

  private static String noLog(ReplicaView replica) {
    String name = "Replica/%s/%s".formatted(replica.namespace(), replica.name());
    return replica
        .endpoint()
        .filter(_ -> replica.external())
        .map(endpoint ->
            "%s is the external endpoint %s: Weir does not run it and has no output of it; read the log of that server"
                .formatted(name, endpoint))
        .orElseGet(() -> name + " has no stored output");
  }
}
