// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Extracts the prompt of a request as plain text for the judge: `role: text` for each message, or
/// the prompt of a completion. Non-text parts are replaced by their type, such as `[image]`.
public final class PromptTextReader {
  /// Only the end of a longer prompt is kept, because it contains the latest question.
  public static final int MAX_CHARS = 16_384;

  private static final String TRUNCATED_PREFIX = "[truncated ...]\n";

  /// Fields that exclude a request from grading: conversations stored by the engine, tool calls in
  /// formats whose arguments are not parsed, and audio.
  private static final Map<ApiFamily, Set<String>> BEYOND_TEXT =
      Map.of(
          ApiFamily.CHAT, Set.of("functions", "audio"),
          ApiFamily.MESSAGES, Set.of("tools"),
          ApiFamily.RESPONSES, Set.of("previous_response_id", "conversation", "prompt"));

  /// Earlier reasoning of the model is not part of the prompt.
  private static final Set<String> THOUGHTS = Set.of("thinking", "redacted_thinking", "reasoning");

  private static final JsonMapper MAPPER = JsonMapper.builder(StreamingJson.FACTORY).build();

  private final StringBuilder out = new StringBuilder();

  private PromptTextReader() {}

  /// @param json a body that [RequestBodyReader] can read
  ///
  /// @return at most [#MAX_CHARS] and a truncation mark; empty if there is no readable prompt
  public static Optional<String> read(ApiFamily family, byte[] json) {
    try {
      JsonNode body = MAPPER.readTree(json);
      Set<String> beyond = BEYOND_TEXT.getOrDefault(family, Set.of());
      return beyond.stream().anyMatch(field -> used(body.path(field)))
          ? Optional.empty()
          : new PromptTextReader().question(family, body);
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private static boolean used(JsonNode field) {
    return !field.isMissingNode() && !field.isNull() && !(field.isContainer() && field.isEmpty());
  }

  private Optional<String> question(ApiFamily family, JsonNode body) {
    switch (family) {
      case CHAT -> body.path("messages").forEach(this::message);
      case MESSAGES -> {
        addMessage("system", content(body.path("system")));
        body.path("messages").forEach(this::message);
      }
      case COMPLETIONS -> prompt(body.path("prompt"));
      case RESPONSES -> {
        addMessage("system", content(body.path("instructions")));
        input(body.path("input"));
      }
      case OTHER -> {}
    }
    return out.isEmpty() ? Optional.empty() : Optional.of(end(out.toString()));
  }

  private static String end(String question) {
    return question.length() <= MAX_CHARS
        ? question
        : TRUNCATED_PREFIX + question.substring(question.length() - MAX_CHARS);
  }

  private void addMessage(String role, String text) {
    if (!text.isBlank()) {
      out.append(out.isEmpty() ? "" : "\n\n").append(role).append(": ").append(text);
    }
  }

  private void message(JsonNode message) {
    StringBuilder text = new StringBuilder(content(message.path("content")));
    message.path("tool_calls").forEach(call -> append(text, call(call.path("function"))));
    addMessage(message.path("role").asString("user"), text.toString());
  }

  /// A text, or a list with one text. Several prompts have several answers and are not graded.
  private void prompt(JsonNode prompt) {
    JsonNode only = prompt.isArray() && prompt.size() == 1 ? prompt.get(0) : prompt;
    out.append(only.isString() && !only.asString().isBlank() ? only.asString() : "");
  }

  /// A text, or messages interleaved with calls and their results.
  private void input(JsonNode input) {
    if (input.isString()) {
      addMessage("user", input.asString());
      return;
    }
    for (JsonNode item : input) {
      switch (item.path("type").asString("message")) {
        case "message" -> message(item);
        case "function_call" -> addMessage("assistant", call(item));
        case "function_call_output" -> addMessage("tool", content(item.path("output")));
        default -> addMessage("assistant", part(item));
      }
    }
  }

  private static String content(JsonNode content) {
    if (content.isString()) {
      return content.asString();
    }
    StringBuilder text = new StringBuilder();
    content.forEach(part -> append(text, part(part)));
    return text.toString();
  }

  private static void append(StringBuilder text, String more) {
    text.append(text.isEmpty() || more.isEmpty() ? "" : "\n").append(more);
  }

  private static String part(JsonNode part) {
    if (part.isString() || part.path("text").isString()) {
      return (part.isString() ? part : part.path("text")).asString();
    }
    String type = part.path("type").asString("");
    if (THOUGHTS.contains(type)) {
      return "";
    }
    return switch (type) {
      case "tool_use" -> call(part);
      case "tool_result" -> content(part.path("content"));
      case "image", "image_url", "input_image" -> "[image]";
      default -> "[" + type + "]";
    };
  }

  private static String call(JsonNode function) {
    JsonNode arguments = function.path("arguments");
    String argumentText =
        arguments.isString() ? arguments.asString() : function.path("input").toString();
    return "[call %s %s]".formatted(function.path("name").asString(""), argumentText);
  }
}
