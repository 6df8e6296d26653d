// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// As much of JSON Schema as the recorded schemas of alert receivers use.
final class SchemaCheck {
  private final JsonNode document;
  private final List<String> problems = new ArrayList<>();

  private SchemaCheck(JsonNode document) {
    this.document = document;
  }

  /// What of the value the schema does not allow.
  ///
  /// @param document that references lead into
  static List<String> problems(JsonNode document, JsonNode schema, JsonNode value) {
    SchemaCheck check = new SchemaCheck(document);
    check.check("$", schema, value);
    return check.problems;
  }

  private void check(String path, JsonNode given, JsonNode value) {
    JsonNode schema = followed(given);
    schema.path("allOf").forEach(part -> check(path, part, value));
    if (schema.has("type") && !typed(schema.path("type"), value)) {
      problems.add(path + " is no " + schema.path("type"));
    }
    if (schema.has("enum") && !contains(schema.path("enum"), value)) {
      problems.add(path + " is none of " + schema.path("enum") + ": " + value);
    }
    if (value.isString()) {
      text(path, schema, value.asString());
    }
    schema
        .path("required")
        .forEach(name -> {
          if (!value.has(name.asString())) {
            problems.add(path + " lacks " + name.asString());
          }
        });
    fields(path, schema, value);
    if (value.isArray() && schema.has("items")) {
      value.forEach(item -> check(path + "[]", schema.path("items"), item));
    }
  }

  private void fields(String path, JsonNode schema, JsonNode value) {
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      JsonNode known = schema.path("properties").path(field.getKey());
      JsonNode rest = schema.path("additionalProperties");
      if (!known.isMissingNode()) {
        check(path + "." + field.getKey(), known, field.getValue());
      } else if (rest.isObject()) {
        check(path + "." + field.getKey(), rest, field.getValue());
      } else if (schema.has("properties") && rest.isBoolean() && !rest.asBoolean()) {
        problems.add(path + "." + field.getKey() + " is unknown");
      }
    }
  }

  private void text(String path, JsonNode schema, String text) {
    if (text.length() < schema.path("minLength").asInt(0)
        || text.length() > schema.path("maxLength").asInt(Integer.MAX_VALUE)) {
      problems.add(path + " has the wrong length");
    }
    if ("date-time".equals(schema.path("format").asString(""))) {
      try {
        OffsetDateTime.parse(text);
      } catch (DateTimeException e) {
        problems.add(path + " is no time: " + text);
      }
    }
  }

  private JsonNode followed(JsonNode schema) {
    JsonNode at = schema;
    while (at.has("$ref")) {
      at = document.at(at.path("$ref").asString().substring(1));
    }
    return at;
  }

  private static boolean contains(JsonNode list, JsonNode value) {
    return list.valueStream().anyMatch(value::equals);
  }

  private static boolean typed(JsonNode type, JsonNode value) {
    return type.isArray()
        ? type.valueStream().anyMatch(one -> typed(one, value))
        : switch (type.asString()) {
          case "object" -> value.isObject();
          case "array" -> value.isArray();
          case "string" -> value.isString();
          case "boolean" -> value.isBoolean();
          case "number" -> value.isNumber();
          case "integer" -> value.isIntegralNumber();
          case "null" -> value.isNull();
          default -> true;
        };
  }
}
