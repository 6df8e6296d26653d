// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.probe;

import dev.weir.runtime.engine.OneLine;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Requests of probes and the evaluation of responses.
final class ProbeMessages {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MAX_LINE = 200;
  private static final int MAX_TOKENS = 8;
  private static final int NOT_FOUND = 404;

  private ProbeMessages() {}

  /// A prompt that any language model can continue.
  static String question(String model, boolean chat, boolean streaming) {
    ObjectNode body = JSON.createObjectNode();
    body.put("model", model);
    if (chat) {
      body.putArray("messages")
          .addObject()
          .put("role", "user")
          .put("content", "Count: one two three");
    } else {
      body.put("prompt", "one two three");
    }
    body.put("max_tokens", MAX_TOKENS);
    body.put("temperature", 0);
    body.put("stream", streaming);
    return body.toString();
  }

  /// @param model the model name that the request contained
  static GenerationResult judge(
      String what, URI endpoint, String model, int status, String body, boolean streaming) {
    if (status == 429 || status == 503) {
      return new GenerationResult.Busy(refusal(what, status, body));
    }
    if (status != 200) {
      return new GenerationResult.Failed(
          refusal(what, status, body)
              + (unknownModel(status, body) ? remedy(model) : pathRemedy(endpoint, status)));
    }
    return streaming ? stream(what, body) : whole(what, body);
  }

  /// Engines answer 404 both for an unknown path and for an unknown model; only the message of the
  /// latter names the model.
  private static boolean unknownModel(int status, String body) {
    return status == NOT_FOUND
        && message(body)
            .filter(text -> text.toLowerCase(Locale.ROOT).contains("model"))
            .isPresent();
  }

  private static String remedy(String model) {
    return "; the request named the model %s: set spec.servedModel of the ModelVersion to the name that this server uses (GET /v1/models)"
        .formatted(model);
  }

  /// For a 404 of an endpoint with `/v1`, as clients of OpenAI's API write their base URL.
  static String pathRemedy(URI endpoint, int status) {
    String path = String.valueOf(endpoint.getPath());
    return status == NOT_FOUND && path.matches(".*/v1/?")
        ? "; the endpoint's URL ends with /v1, which Weir adds itself: leave it out"
        : "";
  }

  private static GenerationResult whole(String what, String body) {
    Optional<JsonNode> choice = parse(body).map(answer -> answer.path("choices").path(0));
    if (choice.isEmpty()) {
      return new GenerationResult.Failed(what + " did not return JSON: " + line(body));
    }
    String finish = choice.get().path("finish_reason").asString("");
    if (finish.equals("abort") || finish.equals("error")) {
      return new GenerationResult.Failed(what + " ended with finish_reason " + finish);
    }
    return hasText(choice.get())
        ? new GenerationResult.Answered()
        : new GenerationResult.Failed(what + " returned no text");
  }

  private static GenerationResult stream(String what, String body) {
    boolean text = false;
    boolean done = false;
    for (String event : body.lines().filter(each -> each.startsWith("data:")).toList()) {
      String data = event.substring("data:".length()).strip();
      done = done || data.equals("[DONE]");
      text = text || parse(data).map(node -> hasText(node.path("choices").path(0))).orElse(false);
    }
    if (!done) {
      return new GenerationResult.Failed(what + " stream ended without [DONE]");
    }
    return text
        ? new GenerationResult.Answered()
        : new GenerationResult.Failed(what + " streamed no text");
  }

  /// Whether a completion, message or delta has text. A reasoning model may have produced only its
  /// reasoning so far.
  private static boolean hasText(JsonNode choice) {
    JsonNode message = choice.has("delta") ? choice.path("delta") : choice.path("message");
    return !choice.path("text").asString("").isEmpty()
        || !message.path("content").asString("").isEmpty()
        || !message.path("reasoning_content").asString("").isEmpty()
        || !message.path("reasoning").asString("").isEmpty();
  }

  static String refusal(String what, int status, String body) {
    return what + " returned " + status + message(body).map(text -> ": " + text).orElse("");
  }

  /// The error message in the format of vLLM, OpenAI and llama.cpp, otherwise the body's first
  /// line.
  static Optional<String> message(String body) {
    Optional<JsonNode> json = parse(body);
    String text = json.map(answer -> answer.path("error").path("message").asString("")).orElse("");
    if (text.isEmpty()) {
      text = json.map(answer -> answer.path("message").asString("")).orElse(body);
    }
    return Optional.of(line(text)).filter(found -> !found.isEmpty());
  }

  private static Optional<JsonNode> parse(String text) {
    try {
      JsonNode node = JSON.readTree(text);
      return node.isObject() ? Optional.of(node) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /// One printable line of bounded length.
  static String line(String text) {
    return OneLine.of(text, MAX_LINE);
  }
}
