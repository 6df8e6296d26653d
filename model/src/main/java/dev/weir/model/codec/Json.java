// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.Resource;
import dev.weir.model.tree.Document;
import dev.weir.model.tree.JsonReader;
import dev.weir.model.tree.Node;
import dev.weir.model.value.Problem;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Records as JSON, through the same shapes as manifests: audit entries, evidence, replica and
/// gateway views, problems, and API responses (a component may be a `Resource`).
///
/// Reading ignores unknown fields, because the other side may be newer.
public final class Json {
  private Json() {}

  /// The record as a tree, fields in the order of its components, empty optionals omitted. A
  /// resource includes apiVersion and kind.
  public static ObjectNode tree(Record record) {
    return (ObjectNode) Encoder.value(Shapes.of((Type) record.getClass()), record);
  }

  /// Records as a JSON array.
  public static ArrayNode array(List<? extends Record> records) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    records.forEach(record -> array.add(tree(record)));
    return array;
  }

  public static String write(Record record) {
    return JsonText.compact(tree(record));
  }

  public static String pretty(Record record) {
    return JsonText.pretty(tree(record));
  }

  /// Any tree as compact text.
  public static String write(JsonNode tree) {
    return JsonText.compact(tree);
  }

  /// Any tree as indented text.
  public static String pretty(JsonNode tree) {
    return JsonText.pretty(tree);
  }

  /// @throws IllegalArgumentException with all problems when the text is not such a record
  public static <T extends Record> T read(String json, Class<T> type) {
    return switch (tryRead(json, type)) {
      case Read.Value<T> value -> value.value();
      case Read.Refused<T> refused ->
          throw new IllegalArgumentException(
              "not a " + type.getSimpleName() + ": " + refused.problems());
    };
  }

  /// Reads a record from a tree.
  ///
  /// @throws IllegalArgumentException with all problems when the tree is not such a record
  public static <T extends Record> T read(JsonNode tree, Class<T> type) {
    return switch (read(node(tree), type, Decoder.Strictness.WIRE)) {
      case Read.Value<T> value -> value.value();
      case Read.Refused<T> refused ->
          throw new IllegalArgumentException(
              "not a " + type.getSimpleName() + ": " + refused.problems());
    };
  }

  /// Reads a resource of any kind from a response.
  ///
  /// @throws IllegalArgumentException with all problems
  public static Resource resource(String json) {
    Document document = JsonReader.read(json);
    if (!document.problems().isEmpty()) {
      throw new IllegalArgumentException("not a resource: " + document.problems());
    }
    return resource(document.root());
  }

  /// Reads a resource of any kind from a response.
  ///
  /// @throws IllegalArgumentException with all problems
  public static Resource resource(JsonNode tree) {
    return resource(node(tree));
  }

  private static Resource resource(Node node) {
    List<Problem> problems = new ArrayList<>();
    Optional<Object> value =
        new Decoder(Decoder.Strictness.WIRE, problems::add)
            .value(new Shape.AnyResource(), node, "");
    return value
        .filter(read -> problems.isEmpty())
        .map(Resource.class::cast)
        .orElseThrow(() -> new IllegalArgumentException("not a resource: " + problems));
  }

  /// Reads a request's body: rejects unknown fields, and returns all problems.
  public static <T extends Record> Read<T> readStrictly(String json, Class<T> type) {
    return read(json, type, Decoder.Strictness.MANIFEST);
  }

  /// Reads another process's response without throwing.
  public static <T extends Record> Read<T> tryRead(String json, Class<T> type) {
    return read(json, type, Decoder.Strictness.WIRE);
  }

  private static <T extends Record> Read<T> read(
      String json, Class<T> type, Decoder.Strictness strictness) {
    Document document = JsonReader.read(json);
    return document.problems().isEmpty()
        ? read(document.root(), type, strictness)
        : new Read.Refused<>(document.problems());
  }

  private static <T extends Record> Read<T> read(
      Node node, Class<T> type, Decoder.Strictness strictness) {
    List<Problem> problems = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    Optional<Object> value =
        new Decoder(strictness, problems::add, warnings::add)
            .value(Shapes.of((Type) type), node, "");
    return value.isPresent() && problems.isEmpty()
        ? new Read.Value<>(type.cast(value.get()), warnings)
        : new Read.Refused<>(problems);
  }

  private static Node node(JsonNode tree) {
    return switch (tree.getNodeType()) {
      case STRING -> new Node.Text(tree.stringValue(), true);
      case NUMBER -> new Node.Numeral(tree.asString());
      case BOOLEAN -> new Node.Bool(tree.booleanValue(), tree.asString());
      case ARRAY -> array(tree);
      case OBJECT -> object(tree);
      case NULL, MISSING, BINARY, POJO -> new Node.Nothing();
    };
  }

  private static Node array(JsonNode tree) {
    List<Node> items = new ArrayList<>();
    tree.forEach(item -> items.add(node(item)));
    return Node.sequence(items);
  }

  private static Node object(JsonNode tree) {
    Map<String, Node> fields = new LinkedHashMap<>();
    tree.properties().forEach(field -> fields.put(field.getKey(), node(field.getValue())));
    return Node.mapping(fields);
  }

  /// The result of reading.
  public sealed interface Read<T> {
    /// @param warnings uses of retired names, one line each
    record Value<T>(T value, List<String> warnings) implements Read<T> {
      public Value {
        warnings = List.copyOf(warnings);
      }
    }

    /// @param problems one or more
    record Refused<T>(List<Problem> problems) implements Read<T> {
      public Refused {
        problems = List.copyOf(problems);
      }
    }
  }
}
