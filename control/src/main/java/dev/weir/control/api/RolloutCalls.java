// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.Permission;
import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.ApiRoute;
import dev.weir.control.api.call.Preconditions;
import dev.weir.control.api.call.ProblemException;
import dev.weir.control.api.call.ProblemType;
import dev.weir.control.api.call.WriteProblems;
import dev.weir.control.change.CommandResult;
import dev.weir.control.rollout.RolloutOperations;
import dev.weir.model.notation.Durations;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Commands for releases, executed by the release engine.
final class RolloutCalls {
  /// The maximum duration of an override; for longer, remove the guard rail.
  private static final Duration LONGEST = Duration.ofDays(7);

  private final Store store;
  private final RolloutOperations commands;

  RolloutCalls(Store store, RolloutOperations commands) {
    this.store = store;
    this.commands = commands;
  }

  enum Verb {
    PAUSE("Pauses a rollout"),
    RESUME("Resumes a paused rollout"),
    PROMOTE("Makes the new version the stable one without further proof"),
    ABORT("Rolls back to the old version"),
    RETRY("Retries a rolled-back release"),
    OVERRIDE("Overrides freezes, limits and order for a rollout; needs role admin");

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

    Permission right() {
      return this == OVERRIDE ? Permission.OVERRIDE : Permission.DEPLOY;
    }

    /// Declares the query parameters in addition to the reason.
    void query(ApiRoute.Builder route) {
      switch (this) {
        case ABORT ->
            route.query(
                "now", "boolean", "Even if the old version does not answer; needs a reason");
        case OVERRIDE ->
            route.query(
                "until", "string", "The duration, such as 2h, at most 7d (default: to its end)");
        case PAUSE, RESUME, PROMOTE, RETRY -> {}
      }
    }
  }

  ApiResponse command(Verb verb, ApiCall call) {
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

  private CommandResult abort(ResourceRef rollout, ApiCall call) {
    return call.flag("now")
        ? commands.abortNow(rollout, call.actor(), mandatoryReason(call))
        : commands.abort(rollout, call.actor(), call.reason());
  }

  /// A command that alerts people must have a reason.
  private static String mandatoryReason(ApiCall call) {
    if (call.reason().isBlank()) {
      throw ProblemException.of(
          ProblemType.INVALID,
          List.of(
              new Problem(
                  "reason", "", "is required here and is sent with the alert: state the reason")));
    }
    return call.reason();
  }

  private static Optional<Duration> lasts(ApiCall call) {
    return Optional.ofNullable(call.query().get("until"))
        .map(text ->
            Durations.parse(text)
                .filter(lasts -> lasts.isPositive() && lasts.compareTo(LONGEST) <= 0)
                .orElseThrow(() ->
                    ProblemException.of(
                        ProblemType.INVALID,
                        List.of(
                            new Problem(
                                "until", text, "must be a duration above 0s, at most 7d")))));
  }

  ApiResponse rollback(ApiCall call) {
    ResourceRef service = call.ref(Kind.SERVICE);
    Preconditions.require(call, store, service);
    return answer(
        commands.rollback(
            service, Optional.ofNullable(call.query().get("to")), call.actor(), call.reason()),
        service);
  }

  ApiResponse advice(ApiCall call) {
    ResourceRef service = call.ref(Kind.SERVICE);
    return commands
        .advice(service)
        .map(advice -> ApiResponse.json(200, (ObjectNode) ApiJson.of(List.of(advice)).get(0)))
        .orElseThrow(() -> WriteProblems.missing(service));
  }

  ApiResponse evidence(ApiCall call) {
    ResourceRef rollout = call.ref(Kind.ROLLOUT);
    ResourceCalls.found(store, rollout);
    ObjectNode body = ApiJson.object();
    commands
        .summary(rollout)
        .ifPresent(summary -> body.set("summary", ApiJson.of(List.of(summary)).get(0)));
    body.set("items", ApiJson.of(commands.evidence(rollout)));
    return ApiResponse.json(200, body);
  }

  ApiResponse replay(ApiCall call) {
    ResourceRef rollout = call.ref(Kind.ROLLOUT);
    ResourceCalls.found(store, rollout);
    ObjectNode body = ApiJson.object();
    body.set("items", ApiJson.of(commands.replay(rollout)));
    return ApiResponse.json(200, body);
  }

  private ApiResponse answer(CommandResult result, ResourceRef ref) {
    return switch (result) {
      case CommandResult.Done(String message) -> {
        ObjectNode body = ApiJson.object().put("message", message);
        store.get(ref).ifPresent(resource -> body.set("resource", ApiJson.resource(resource)));
        yield ApiResponse.json(200, body);
      }
      case CommandResult.Refused(String reason) ->
          throw ProblemException.of(ProblemType.CONFLICT, reason);
      case CommandResult.NotFound _ -> throw WriteProblems.missing(ref);
    };
  }
}
