// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.check.FieldRule;
import dev.weir.model.check.FieldRules;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Properties;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// JSON Schema 2020-12 (what OpenAPI 3.1 uses) of kinds and wire records, from the same shapes that
/// read and write them. Descriptions are in `descriptions.properties`, one line per field.
public final class Schemas {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Properties DESCRIPTIONS = descriptions();

  private Schemas() {}

  static Properties descriptions() {
    Properties descriptions = new Properties();
    try (InputStream in = Schemas.class.getResourceAsStream("descriptions.properties")) {
      if (in == null) {
        throw new IllegalStateException("descriptions.properties is not in the jar");
      }
      descriptions.load(new InputStreamReader(in, StandardCharsets.UTF_8));
      return descriptions;
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /// The schema of a resource of the kind, as written in a manifest, without references.
  public static ObjectNode jsonSchema(Kind kind) {
    ObjectNode properties = NODES.objectNode();
    properties.set("apiVersion", NODES.objectNode().put("const", Kind.API_VERSION));
    properties.set("kind", NODES.objectNode().put("const", kind.text()));
    properties.set("metadata", metadata(kind));
    properties.set("spec", schema(Kinds.part(kind, "spec").shape()));
    properties.set("status", schema(Kinds.part(kind, "status").shape()).put("readOnly", true));
    ObjectNode schema = NODES.objectNode().put("type", "object").put("title", kind.text());
    description(kind.text()).ifPresent(text -> schema.put("description", text));
    schema.set("properties", properties);
    schema.putArray("required").add("apiVersion").add("kind").add("metadata").add("spec");
    return schema.put("additionalProperties", false);
  }

  /// The namespace is optional in every manifest: it has a default, or the kind has none.
  private static ObjectNode metadata(Kind kind) {
    ObjectNode schema = schema(Shapes.of(Metadata.class));
    ObjectNode properties = (ObjectNode) schema.get("properties");
    if (kind.namespaced()) {
      ((ObjectNode) properties.get("namespace")).put("default", Metadata.DEFAULT_NAMESPACE);
    } else {
      properties.remove("namespace");
    }
    for (String written : new String[] {"revision", "specRevision", "createdAt"}) {
      ((ObjectNode) properties.get(written)).put("readOnly", true);
    }
    schema.putArray("required").add("name");
    return schema;
  }

  /// The schema of a wire record.
  public static ObjectNode jsonSchema(Class<? extends Record> type) {
    return schema(Shapes.of(type)).put("title", type.getSimpleName());
  }

  private static ObjectNode schema(Shape shape) {
    ObjectNode schema = NODES.objectNode();
    return switch (shape) {
      case Shape.Text _ -> schema.put("type", "string");
      case Shape.Whole whole ->
          schema.put("type", "integer").put("format", whole.isLong() ? "int64" : "int32");
      case Shape.Decimal _ -> schema.put("type", "number");
      case Shape.Truth _ -> schema.put("type", "boolean");
      case Shape.Notation notation -> notation(notation, schema);
      case Shape.Choice choice -> choice(choice, schema);
      case Shape.DispersionShape _ -> dispersion(schema);
      case Shape.ListOf list -> {
        schema.put("type", "array").set("items", schema(list.item()));
        yield schema;
      }
      case Shape.MapOf map -> {
        schema.put("type", "object").set("additionalProperties", schema(map.value()));
        yield schema;
      }
      case Shape.OptionalOf optional -> schema(optional.held());
      case Shape.AnyResource _ -> schema.put("type", "object");
      case Shape.RecordOf record -> record(record, schema);
    };
  }

  private static ObjectNode notation(Shape.Notation notation, ObjectNode schema) {
    schema.put("type", "string");
    if (!notation.format().isEmpty()) {
      schema.put("format", notation.format());
    }
    if (!notation.pattern().isEmpty()) {
      schema.put("pattern", notation.pattern());
    }
    return schema;
  }

  private static ObjectNode choice(Shape.Choice choice, ObjectNode schema) {
    ArrayNode constants = schema.put("type", "string").putArray("enum");
    choice.constants().keySet().forEach(constants::add);
    return schema;
  }

  private static ObjectNode dispersion(ObjectNode schema) {
    ArrayNode either = schema.putArray("oneOf");
    either.add(NODES.objectNode().put("const", "auto"));
    either.add(NODES.objectNode().put("type", "number").put("minimum", 1));
    return schema;
  }

  private static ObjectNode record(Shape.RecordOf record, ObjectNode schema) {
    schema.put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = NODES.arrayNode();
    for (Shape.Field field : record.fields()) {
      properties.set(field.name(), field(record, field));
      if (field.fallback().isEmpty()) {
        required.add(field.name());
      }
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    return schema.put("additionalProperties", false);
  }

  private static ObjectNode field(Shape.RecordOf record, Shape.Field field) {
    ObjectNode schema = schema(field.shape());
    for (FieldRule rule : FieldRules.of(record.type(), field.name())) {
      rule.keywords().forEach((key, value) -> schema.put(key, value));
    }
    description(record.type().getSimpleName() + "." + field.name())
        .ifPresent(text -> schema.put("description", text));
    boolean optional = field.shape() instanceof Shape.OptionalOf;
    if (!optional) {
      field
          .fallback()
          .ifPresent(value -> schema.set("default", Encoder.value(field.shape(), value)));
    }
    return schema;
  }

  /// The entry of `descriptions.properties` for `Record.field` or a kind's name.
  static Optional<String> description(String key) {
    return Optional.ofNullable(DESCRIPTIONS.getProperty(key));
  }
}
