// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads an engine's JSON responses about its state.
public final class EngineJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MAX_VERSION = 60;
  private static final String LATEST = ":latest";

  private EngineJson() {}

  /// The version as one short printable line.
  public static Optional<String> version(String body, String field) {
    return parse(body)
        .map(answer -> OneLine.of(answer.path(field).asString(""), MAX_VERSION))
        .filter(text -> !text.isEmpty());
  }

  /// @param field the boolean field that shows whether the engine sleeps
  public static Optional<Boolean> sleeping(String body, String field) {
    return parse(body)
        .map(answer -> answer.path(field))
        .filter(JsonNode::isBoolean)
        .map(JsonNode::booleanValue);
  }

  /// Whether Ollama's list of loaded models (`/api/ps`) contains the model; empty if the body is
  /// not such a list.
  public static Optional<Boolean> loaded(String body, String model) {
    return parse(body)
        .map(answer -> answer.path("models"))
        .filter(JsonNode::isArray)
        .map(models ->
            models
                .valueStream()
                .flatMap(entry -> entry.properties().stream())
                .filter(field -> field.getKey().equals("name") || field.getKey().equals("model"))
                .anyMatch(field -> same(field.getValue().asString(""), model)));
  }

  private static boolean same(String name, String model) {
    return tagged(name).equals(tagged(model));
  }

  /// Names without a tag have the tag `latest` in Ollama.
  private static String tagged(String name) {
    return name.contains(":") ? name : name + LATEST;
  }

  private static Optional<JsonNode> parse(String text) {
    try {
      JsonNode node = JSON.readTree(text);
      return node.isObject() ? Optional.of(node) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
