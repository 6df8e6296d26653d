// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.AccessScope;
import dev.weir.control.access.Permission;
import dev.weir.control.alert.AlertOperations;
import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.ProblemException;
import dev.weir.control.api.call.ProblemType;
import dev.weir.control.api.call.WriteProblems;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.AlertView;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Alerts, their deliveries and tests of channels.
final class AlertCalls {
  private final AlertOperations commands;

  AlertCalls(AlertOperations commands) {
    this.commands = commands;
  }

  ApiResponse list(ApiCall call) {
    boolean dead = call.flag("dead");
    List<AlertView> readable =
        commands.alerts().stream()
            .filter(alert -> alert.namespace().isEmpty() || reads(call, alert.namespace()))
            .filter(alert -> !dead || alert.undelivered())
            .toList();
    ObjectNode body = ApiJson.object();
    body.set("items", ApiJson.of(readable));
    return ApiResponse.json(200, body);
  }

  private static boolean reads(ApiCall call, String namespace) {
    return call.caller().may(Permission.READ, new AccessScope.Namespace(namespace));
  }

  ApiResponse retry(ApiCall call) {
    return commands
        .retry(call.name(), call.actor(), call.reason())
        .map(alert -> ApiResponse.json(200, one(alert)))
        .orElseThrow(() ->
            ProblemException.of(
                ProblemType.NOT_FOUND,
                "there is no alert " + call.name() + ": `weir alert list` lists all"));
  }

  ApiResponse test(ApiCall call) throws InterruptedException {
    return commands
        .test(call.name(), call.actor(), call.reason())
        .map(result -> ApiResponse.json(200, one(result)))
        .orElseThrow(
            () -> WriteProblems.missing(ResourceRef.of(Kind.ALERT_CHANNEL, "", call.name())));
  }

  private static JsonNode one(Record record) {
    return ApiJson.of(List.of(record)).get(0);
  }
}
