// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.AccessScope;
import dev.weir.control.access.Permission;
import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.ProblemException;
import dev.weir.control.api.call.ProblemType;
import dev.weir.control.question.GatewayQuestions;
import dev.weir.control.question.GatewayReplies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Recent requests that gateways remember.
final class RequestCalls {
  private static final String QUESTION = "explain";
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final int MAX_ID = 128;

  private final GatewayQuestions questions;

  RequestCalls(GatewayQuestions questions) {
    this.questions = questions;
  }

  /// A request of a namespace that the caller may not read is reported as unknown.
  ApiResponse explain(ApiCall call) throws InterruptedException {
    String id = call.path().getOrDefault("name", "");
    if (id.length() > MAX_ID) {
      throw ProblemException.of(
          ProblemType.MALFORMED, "a request id has at most " + MAX_ID + " characters");
    }
    GatewayReplies replies = ask(id);
    ObjectNode body = ApiJson.object();
    ArrayNode items = body.putArray("items");
    List<String> memories = new ArrayList<>();
    List<String> silent = new ArrayList<>(replies.silent());
    replies
        .answers()
        .forEach((gateway, answer) -> take(call, gateway, answer, items, memories, silent));
    if (items.isEmpty()) {
      throw ProblemException.of(ProblemType.NOT_FOUND, unknown(id, memories, silent));
    }
    silent.forEach(body.putArray("unanswered")::add);
    return ApiResponse.json(200, body);
  }

  private GatewayReplies ask(String id) throws InterruptedException {
    try {
      return questions.ask(QUESTION, id, TIMEOUT);
    } catch (RejectedExecutionException full) {
      throw ProblemException.temporary(
          ProblemType.OVERLOADED, String.valueOf(full.getMessage()), TIMEOUT);
    }
  }

  private static void take(
      ApiCall call,
      String gateway,
      String answer,
      ArrayNode items,
      List<String> memories,
      List<String> silent) {
    try {
      ObjectNode reply = ApiJson.own(answer);
      reply
          .path("traces")
          .forEach(trace -> {
            String service = trace.path("service").asString("");
            String namespace = service.substring(0, Math.max(0, service.indexOf('/')));
            if (call.caller().may(Permission.READ, new AccessScope.Namespace(namespace))) {
              items.add(trace);
            }
          });
      memories.add(memory(gateway, reply));
    } catch (JacksonException | ClassCastException older) {
      silent.add(gateway);
    }
  }

  private static String memory(String gateway, ObjectNode reply) {
    String since = reply.path("since").asString("");
    return since.isEmpty()
        ? gateway + " has no record yet"
        : "%s has records of %d requests since %s"
            .formatted(gateway, reply.path("remembered").asInt(0), since);
  }

  private static String unknown(String id, List<String> memories, List<String> silent) {
    String known = memories.isEmpty() ? "no gateway answered" : String.join(", ", memories);
    String missing =
        silent.isEmpty() ? "" : "; did not answer in time: " + String.join(", ", silent);
    return "no gateway has a record of request %s (%s%s)".formatted(id, known, missing);
  }
}
