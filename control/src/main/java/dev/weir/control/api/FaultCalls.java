// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.AccessScope;
import dev.weir.control.access.Permission;
import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.ProblemException;
import dev.weir.control.api.call.ProblemType;
import dev.weir.control.api.call.RequestBodies;
import dev.weir.control.operations.FaultOperations;
import dev.weir.control.operations.FaultOperations.Result;
import dev.weir.model.view.FaultRequest;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Fault injection. Deployers may inject faults into simulated replicas; real replicas need a
/// separate permission.
final class FaultCalls {
  private final FaultOperations commands;

  FaultCalls(FaultOperations commands) {
    this.commands = commands;
  }

  ApiResponse inject(ApiCall call) {
    FaultRequest request = RequestBodies.object(call, FaultRequest.class);
    boolean mayAffectReal =
        call.caller().may(Permission.INJECT_FAULTS, new AccessScope.Namespace(call.namespace()));
    return answer(
        201,
        commands.inject(call.namespace(), request, mayAffectReal, call.actor(), call.reason()),
        call);
  }

  ApiResponse list(ApiCall call) {
    ObjectNode body = ApiJson.object();
    body.set("items", ApiJson.of(commands.list(call.namespace())));
    return ApiResponse.json(200, body);
  }

  ApiResponse get(ApiCall call) {
    return commands.list(call.namespace()).stream()
        .filter(fault -> fault.name().equals(call.name()))
        .findFirst()
        .map(fault -> ApiResponse.json(200, one(fault)))
        .orElseThrow(() -> missing(call));
  }

  private static JsonNode one(Record record) {
    return ApiJson.of(List.of(record)).get(0);
  }

  ApiResponse clear(ApiCall call) {
    Optional<String> name = Optional.of(call.name()).filter(given -> !given.isEmpty());
    return answer(200, commands.clear(call.namespace(), name, call.actor(), call.reason()), call);
  }

  private static ApiResponse answer(int status, Result result, ApiCall call) {
    return switch (result) {
      case Result.Done(var answer) -> ApiResponse.json(status, one(answer));
      case Result.Invalid(var problem) ->
          throw ProblemException.of(ProblemType.INVALID, List.of(problem));
      case Result.Forbidden(String reason) ->
          throw ProblemException.of(
              ProblemType.FORBIDDEN, call.caller().principal() + " " + reason);
      case Result.Refused(String reason) -> throw ProblemException.of(ProblemType.CONFLICT, reason);
      case Result.NotFound _ -> throw missing(call);
    };
  }

  private static ProblemException missing(ApiCall call) {
    return ProblemException.of(
        ProblemType.NOT_FOUND,
        "there is no Fault/%s/%s, or it has ended: `weir fault list` lists all"
            .formatted(call.namespace(), call.name()));
  }
}
