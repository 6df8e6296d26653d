// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.Access;
import dev.weir.control.access.Action;
import dev.weir.control.access.Caller;
import dev.weir.control.access.Scope;
import dev.weir.control.access.Verdict;
import dev.weir.control.api.ReplicaCommands.Order;
import dev.weir.control.api.RolloutCommands.CommandResult;
import dev.weir.model.ReplicaView;
import dev.weir.runtime.ReplicaLog;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/// Orders about single replicas, and what their processes wrote.
final class ReplicaCalls {
  static final int MOST_LINES = 10_000;

  private static final int FEW_LINES = 100;
  private static final int MOST_BYTES = 4 * 1024 * 1024;
  private static final int PIECE = 64 * 1024;
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
  private static final int LOOKS_TO_HEARTBEAT = 50;

  private final ReplicaCommands commands;
  private final Views views;
  private final Access access;
  private final Seats seats;

  ReplicaCalls(ReplicaCommands commands, Views views, Access access, Seats seats) {
    this.commands = commands;
    this.views = views;
    this.access = access;
    this.seats = seats;
  }

  Answer order(ReplicaCommands.Verb verb, Call call) {
    var order =
        new Order(call.namespace(), call.name(), verb, call.flag("now"), call.flag("force"));
    return switch (commands.order(order, call.actor(), call.reason())) {
      case CommandResult.Done(String message) -> {
        ObjectNode body = Json.object().put("message", message);
        views.replicas().stream()
            .filter(replica -> is(replica, call))
            .findFirst()
            .ifPresent(replica -> body.set("replica", Json.of(List.of(replica)).get(0)));
        yield Answer.json(200, body);
      }
      case CommandResult.Refused(String reason) ->
          throw ProblemException.of(ProblemType.CONFLICT, reason);
      case CommandResult.NotFound _ -> throw missing(call);
    };
  }

  private static boolean is(ReplicaView replica, Call call) {
    return replica.namespace().equals(call.namespace()) && replica.name().equals(call.name());
  }

  /// The last lines as text, or, followed, one event `{"line": ...}` for each.
  Answer logs(Call call) {
    int lines = lines(call);
    boolean follow = call.flag("follow");
    boolean previous = call.flag("previous");
    if (follow && previous) {
      throw ProblemException.of(
          ProblemType.MALFORMED,
          "the previous process writes no more: follow or previous, not both");
    }
    ReplicaLog log =
        commands
            .log(call.namespace(), call.name(), lines, previous)
            .orElseThrow(() -> missing(call));
    return follow
        ? new Answer.Stream(seats, out -> follow(call, log, out))
        : Answer.text(200, "text/plain; charset=utf-8", whole(log));
  }

  private static int lines(Call call) {
    return (int) call.number("tail", 0, MOST_LINES).orElse(FEW_LINES);
  }

  private static String whole(ReplicaLog log) {
    var text = new LogText();
    var shown = new StringBuilder();
    int read = 0;
    for (byte[] piece = log.next(PIECE);
        piece.length > 0 && read < MOST_BYTES;
        piece = log.next(PIECE)) {
      read += piece.length;
      text.lines(piece).forEach(line -> shown.append(line).append('\n'));
    }
    text.rest().forEach(line -> shown.append(line).append('\n'));
    return shown.toString();
  }

  private void follow(Call call, ReplicaLog log, Answer.Sink out)
      throws IOException, InterruptedException {
    var text = new LogText();
    int idle = 0;
    out.write(": following " + call.name() + "\n\n");
    while (still(call.caller(), call.namespace())) {
      byte[] piece = log.next(PIECE);
      List<String> lines = piece.length > 0 ? text.lines(piece) : text.rest();
      if (!lines.isEmpty()) {
        out.write(events(lines));
        idle = 0;
      } else if (++idle % LOOKS_TO_HEARTBEAT == 0) {
        out.write(": heartbeat\n\n");
      }
      if (piece.length == 0) {
        rest();
      }
    }
  }

  private static String events(List<String> lines) {
    var events = new StringBuilder();
    lines.forEach(line ->
        events.append("data: ").append(Json.text(Json.object().put("line", line))).append("\n\n"));
    return events.toString();
  }

  /// Until it is time to look again; an interruption ends it, and with it the stream.
  private static void rest() throws InterruptedException {
    boolean _ = new CountDownLatch(1).await(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// A key may be revoked and a role taken away meanwhile.
  private boolean still(Caller caller, String namespace) {
    return switch (access.again(caller)) {
      case Verdict.Allowed(Caller now) -> now.may(Action.DEPLOY, new Scope.Namespace(namespace));
      case Verdict.Unauthenticated _, Verdict.Forbidden _ -> false;
    };
  }

  private static ProblemException missing(Call call) {
    return ProblemException.of(
        ProblemType.NOT_FOUND,
        "there is no Replica/%s/%s here, or nothing of it is kept: `weir get replicas` lists all"
            .formatted(call.namespace(), call.name()));
  }
}
