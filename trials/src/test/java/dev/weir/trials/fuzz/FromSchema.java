// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Values that a JSON schema asks for, so that a request gets past the reading of its body.
final class FromSchema {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int DEPTH = 6;

  private final LiveApi api;
  private final RandomGenerator random;
  private final List<String> words;

  /// @param words values for fields of type string
  FromSchema(LiveApi api, RandomGenerator random, List<String> words) {
    this.api = api;
    this.random = random;
    this.words = List.copyOf(words);
  }

  JsonNode value(JsonNode schema) {
    return value(schema, 0);
  }

  private JsonNode value(JsonNode schema, int depth) {
    if (schema.has("$ref")) {
      return value(api.resolved(schema.path("$ref").asString()), depth);
    }
    for (String choice : List.of("enum", "oneOf", "anyOf")) {
      JsonNode choices = schema.path(choice);
      if (!choices.isEmpty()) {
        JsonNode chosen = choices.get(random.nextInt(choices.size()));
        return choice.equals("enum") ? chosen : value(chosen, depth);
      }
    }
    return depth > DEPTH ? NODES.nullNode() : typed(schema, depth);
  }

  private JsonNode typed(JsonNode schema, int depth) {
    return switch (type(schema)) {
      case "object" -> object(schema, depth);
      case "array" -> array(schema, depth);
      case "integer" -> NODES.numberNode(random.nextInt(100));
      case "number" -> NODES.numberNode(random.nextDouble());
      case "boolean" -> NODES.booleanNode(random.nextBoolean());
      case "null" -> NODES.nullNode();
      default -> NODES.stringNode(words.get(random.nextInt(words.size())));
    };
  }

  private String type(JsonNode schema) {
    JsonNode type = schema.path("type");
    return type.isArray()
        ? type.get(random.nextInt(type.size())).asString()
        : type.asString(schema.has("properties") ? "object" : "string");
  }

  private ObjectNode object(JsonNode schema, int depth) {
    ObjectNode object = NODES.objectNode();
    List<String> required = new ArrayList<>();
    schema.path("required").forEach(name -> required.add(name.asString()));
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      if (required.contains(property.getKey()) || random.nextInt(3) == 0) {
        object.set(property.getKey(), value(property.getValue(), depth + 1));
      }
    }
    return object;
  }

  private ArrayNode array(JsonNode schema, int depth) {
    ArrayNode array = NODES.arrayNode();
    for (int i = random.nextInt(3); i > 0; i--) {
      array.add(value(schema.path("items"), depth + 1));
    }
    return array;
  }
}
