// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.Action;
import dev.weir.control.api.RolloutCommands.CommandResult;
import dev.weir.model.Kind;
import dev.weir.model.Problem;
import dev.weir.model.ResourceRef;
import dev.weir.model.notation.Durations;
import dev.weir.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Commands to releases, passed on to the release engine.
final class RolloutCalls {
  /// Whoever needs longer takes the guard rail away.
  private static final Duration LONGEST = Duration.ofDays(7);

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
    RETRY("Tries a reverted release again"),
    OVERRIDE("Lets freezes, limits and order hold a rollout no more; needs role admin");

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

    Action right() {
      return this == OVERRIDE ? Action.OVERRIDE : Action.DEPLOY;
    }

    /// Declares what can be asked beside the reason.
    void query(Route.Builder route) {
      switch (this) {
        case ABORT ->
            route.query("now", "boolean", "Even if nothing answers to go back to; says why");
        case OVERRIDE ->
            route.query(
                "until", "string", "For how long, such as 2h, 7d at most; else until it ends");
        case PAUSE, RESUME, PROMOTE, RETRY -> {}
      }
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
          case ABORT -> abort(rollout, call);
          case OVERRIDE ->
              commands.override(rollout, call.actor(), mandatoryReason(call), lasts(call));
          case RETRY -> commands.retry(rollout, call.actor(), call.reason());
        };
    return answer(result, rollout);
  }

  private CommandResult abort(ResourceRef rollout, Call call) {
    return call.flag("now")
        ? commands.abortNow(rollout, call.actor(), mandatoryReason(call))
        : commands.abort(rollout, call.actor(), call.reason());
  }

  /// What wakes people must tell them why.
  private static String mandatoryReason(Call call) {
    if (call.reason().isBlank()) {
      throw ProblemException.of(
          ProblemType.INVALID,
          List.of(new Problem("reason", "", "is wanted here, and told to everybody: say why")));
    }
    return call.reason();
  }

  private static Optional<Duration> lasts(Call call) {
    return Optional.ofNullable(call.query().get("until"))
        .map(text ->
            Durations.parse(text)
                .filter(lasts -> lasts.isPositive() && lasts.compareTo(LONGEST) <= 0)
                .orElseThrow(() ->
                    ProblemException.of(
                        ProblemType.INVALID,
                        List.of(
                            new Problem(
                                "until", text, "is a duration of more than 0s, 7d at most")))));
  }

  Answer rollback(Call call) {
    ResourceRef service = call.ref(Kind.SERVICE);
    Preconditions.require(call, store, service);
    return answer(
        commands.rollback(
            service, Optional.ofNullable(call.query().get("to")), call.actor(), call.reason()),
        service);
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
