// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.Action;
import dev.weir.control.access.Scope;
import dev.weir.control.api.FaultCommands.Result;
import dev.weir.model.FaultRequest;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The fault kit. Who deploys may disturb simulated replicas; real ones ask for a right of their
/// own.
final class FaultCalls {
  private final FaultCommands commands;

  FaultCalls(FaultCommands commands) {
    this.commands = commands;
  }

  Answer inject(Call call) {
    FaultRequest request = Bodies.object(call, FaultRequest.class);
    boolean mayStrikeReal =
        call.caller().may(Action.DISTURB, new Scope.Namespace(call.namespace()));
    return answer(
        201,
        commands.inject(call.namespace(), request, mayStrikeReal, call.actor(), call.reason()),
        call);
  }

  Answer list(Call call) {
    ObjectNode body = Json.object();
    body.set("items", Json.of(commands.list(call.namespace())));
    return Answer.json(200, body);
  }

  Answer get(Call call) {
    return commands.list(call.namespace()).stream()
        .filter(fault -> fault.name().equals(call.name()))
        .findFirst()
        .map(fault -> Answer.json(200, one(fault)))
        .orElseThrow(() -> missing(call));
  }

  private static JsonNode one(Record record) {
    return Json.of(List.of(record)).get(0);
  }

  Answer clear(Call call) {
    Optional<String> name = Optional.of(call.name()).filter(given -> !given.isEmpty());
    return answer(200, commands.clear(call.namespace(), name, call.actor(), call.reason()), call);
  }

  private static Answer answer(int status, Result result, Call call) {
    return switch (result) {
      case Result.Done(var answer) -> Answer.json(status, one(answer));
      case Result.Invalid(var problem) ->
          throw ProblemException.of(ProblemType.INVALID, List.of(problem));
      case Result.Forbidden(String reason) ->
          throw ProblemException.of(
              ProblemType.FORBIDDEN, call.caller().principal() + " " + reason);
      case Result.Refused(String reason) -> throw ProblemException.of(ProblemType.CONFLICT, reason);
      case Result.NotFound _ -> throw missing(call);
    };
  }

  private static ProblemException missing(Call call) {
    return ProblemException.of(
        ProblemType.NOT_FOUND,
        "there is no Fault/%s/%s here, or it is over: `weir fault list` lists all"
            .formatted(call.namespace(), call.name()));
  }
}
