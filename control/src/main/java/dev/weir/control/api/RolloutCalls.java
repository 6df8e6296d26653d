// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.api.RolloutCommands.CommandResult;
import dev.weir.model.Kind;
import dev.weir.model.ResourceRef;
import dev.weir.store.Store;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/// Commands to releases, passed on to the release engine.
final class RolloutCalls {
  private final Store store;
  private final RolloutCommands commands;

  RolloutCalls(Store store, RolloutCommands commands) {
    this.store = store;
    this.commands = commands;
  }

  enum Verb {
    PAUSE("Holds a rollout where it is"),
    RESUME("Lets a paused rollout go on"),
    PROMOTE("Makes the new version the stable one without further proof"),
    ABORT("Puts the old version back"),
    RETRY("Tries a reverted release again");

    private final String summary;

    Verb(String summary) {
      this.summary = summary;
    }

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    String summary() {
      return summary;
    }
  }

  Answer command(Verb verb, Call call) {
    ResourceRef rollout = call.ref(Kind.ROLLOUT);
    Preconditions.require(call, store, rollout);
    CommandResult result =
        switch (verb) {
          case PAUSE -> commands.pause(rollout, call.actor(), call.reason());
          case RESUME -> commands.resume(rollout, call.actor(), call.reason());
          case PROMOTE -> commands.promote(rollout, call.actor(), call.reason());
          case ABORT -> commands.abort(rollout, call.actor(), call.reason());
          case RETRY -> commands.retry(rollout, call.actor(), call.reason());
        };
    return answer(result, rollout);
  }

  Answer rollback(Call call) {
    ResourceRef service = call.ref(Kind.SERVICE);
    Preconditions.require(call, store, service);
    return answer(commands.rollback(service, call.actor(), call.reason()), service);
  }

  Answer evidence(Call call) {
    ResourceRef rollout = call.ref(Kind.ROLLOUT);
    ResourceCalls.found(store, rollout);
    ObjectNode body = Json.object();
    body.set("items", Json.of(commands.evidence(rollout)));
    return Answer.json(200, body);
  }

  Answer replay(Call call) {
    ResourceRef rollout = call.ref(Kind.ROLLOUT);
    ResourceCalls.found(store, rollout);
    ObjectNode body = Json.object();
    body.set("items", Json.of(commands.replay(rollout)));
    return Answer.json(200, body);
  }

  private Answer answer(CommandResult result, ResourceRef ref) {
    return switch (result) {
      case CommandResult.Done(String message) -> {
        ObjectNode body = Json.object().put("message", message);
        store.get(ref).ifPresent(resource -> body.set("resource", Json.resource(resource)));
        yield Answer.json(200, body);
      }
      case CommandResult.Refused(String reason) ->
          throw ProblemException.of(ProblemType.CONFLICT, reason);
      case CommandResult.NotFound _ -> throw ResourceCalls.missing(ref);
    };
  }
}
