// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.Resource;
import dev.weir.model.spec.ReleaseSpec.Dispersion;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Writes values as trees by their shape: fields in record order, map keys sorted, empty optionals
/// omitted. Equal values have equal text.
final class Encoder {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Metadata BARE = Metadata.of("", "bare");

  private Encoder() {}

  static JsonNode value(Shape shape, Object value) {
    return switch (shape) {
      case Shape.Text _ -> NODES.stringNode((String) value);
      case Shape.Whole _ -> NODES.numberNode(((Number) value).longValue());
      case Shape.Decimal _ -> decimal((Double) value);
      case Shape.Truth _ -> NODES.booleanNode((Boolean) value);
      case Shape.Notation notation -> NODES.stringNode(notation.print().apply(value));
      case Shape.Choice choice -> NODES.stringNode(choice.print().apply(value));
      case Shape.DispersionShape _ -> dispersion((Dispersion) value);
      case Shape.ListOf list -> list(list, (List<?>) value);
      case Shape.MapOf map -> map(map, (Map<?, ?>) value);
      case Shape.OptionalOf optional -> value(optional.held(), ((Optional<?>) value).orElseThrow());
      case Shape.AnyResource _ -> resource((Resource) value);
      case Shape.RecordOf record -> record(record, (Record) value);
    };
  }

  /// Whole numbers have no decimal point. Values without a JSON number become text.
  private static JsonNode decimal(double value) {
    if (!Double.isFinite(value)) {
      return NODES.stringNode(Double.toString(value));
    }
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    boolean negativeZero = value == 0 && 1 / value < 0;
    return whole && !negativeZero ? NODES.numberNode((long) value) : NODES.numberNode(value);
  }

  private static JsonNode dispersion(Dispersion dispersion) {
    return switch (dispersion) {
      case Dispersion.Auto _ -> NODES.stringNode("auto");
      case Dispersion.Fixed fixed -> decimal(fixed.phi());
    };
  }

  private static ArrayNode list(Shape.ListOf shape, List<?> values) {
    ArrayNode array = NODES.arrayNode();
    values.forEach(value -> array.add(value(shape.item(), value)));
    return array;
  }

  private static ObjectNode map(Shape.MapOf shape, Map<?, ?> values) {
    Map<String, JsonNode> sorted = new TreeMap<>();
    values.forEach((key, value) ->
        sorted.put(value(shape.key(), key).stringValue(), value(shape.value(), value)));
    ObjectNode object = NODES.objectNode();
    sorted.forEach(object::set);
    return object;
  }

  static ObjectNode record(Shape.RecordOf shape, Record record) {
    ObjectNode object = NODES.objectNode();
    for (Shape.Field field : shape.fields()) {
      Object value = field.read(record);
      if (!(value instanceof Optional<?> optional && optional.isEmpty())) {
        object.set(field.name(), value(field.shape(), value));
      }
    }
    return object;
  }

  static ObjectNode resource(Resource resource) {
    ObjectNode object = NODES.objectNode();
    object.put("apiVersion", Kind.API_VERSION);
    object.put("kind", resource.kind().text());
    object.set("metadata", metadata(resource.metadata()));
    object.set("spec", record(Shapes.of(resource.spec().getClass()), resource.spec()));
    if (!(resource.status() instanceof NoStatus)) {
      object.set("status", record(Shapes.of(resource.status().getClass()), resource.status()));
    }
    return object;
  }

  /// Omits the defaults of metadata, which are noise to a reader.
  private static ObjectNode metadata(Metadata metadata) {
    Shape.RecordOf shape = Shapes.of(Metadata.class);
    ObjectNode object = record(shape, metadata);
    ObjectNode bare = record(shape, BARE);
    for (String name : bare.propertyNames()) {
      if (!name.equals("name") && bare.get(name).equals(object.get(name))) {
        object.remove(name);
      }
    }
    return object;
  }
}
