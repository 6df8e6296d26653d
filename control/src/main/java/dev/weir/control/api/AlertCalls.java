// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.Action;
import dev.weir.control.access.Scope;
import dev.weir.model.AlertView;
import dev.weir.model.Kind;
import dev.weir.model.ResourceRef;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Alerts: what is so, what each channel has got, and tests of channels.
final class AlertCalls {
  private final AlertCommands commands;

  AlertCalls(AlertCommands commands) {
    this.commands = commands;
  }

  Answer list(Call call) {
    boolean dead = call.flag("dead");
    List<AlertView> readable =
        commands.alerts().stream()
            .filter(alert -> alert.namespace().isEmpty() || reads(call, alert.namespace()))
            .filter(alert -> !dead || alert.dead())
            .toList();
    ObjectNode body = Json.object();
    body.set("items", Json.of(readable));
    return Answer.json(200, body);
  }

  private static boolean reads(Call call, String namespace) {
    return call.caller().may(Action.READ, new Scope.Namespace(namespace));
  }

  Answer retry(Call call) {
    return commands
        .retry(call.name(), call.actor(), call.reason())
        .map(alert -> Answer.json(200, one(alert)))
        .orElseThrow(() ->
            ProblemException.of(
                ProblemType.NOT_FOUND,
                "there is no alert " + call.name() + ": `weir alert list` lists all"));
  }

  Answer test(Call call) throws InterruptedException {
    return commands
        .test(call.name(), call.actor(), call.reason())
        .map(came -> Answer.json(200, one(came)))
        .orElseThrow(
            () -> ResourceCalls.missing(ResourceRef.of(Kind.ALERT_CHANNEL, "", call.name())));
  }

  private static JsonNode one(Record record) {
    return Json.of(List.of(record)).get(0);
  }
}
