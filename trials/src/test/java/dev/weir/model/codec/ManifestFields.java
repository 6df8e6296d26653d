// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.check.FieldRule;
import dev.weir.model.check.FieldRules;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The fields of manifests as rows of a table, from the shapes that read and write them.
public final class ManifestFields {
  private ManifestFields() {}

  /// One field.
  ///
  /// @param path for example `spec.release.steps[].weight`
  /// @param fallback the default, `required`, or `-` for an optional field without a default
  /// @param allowed range or values, in Markdown; empty for any
  public record Row(
      String path, String type, String fallback, String allowed, String description) {}

  public static String description(Kind kind) {
    return Schemas.description(kind.text()).orElseThrow();
  }

  /// @param part `spec` or `status`
  public static List<Row> of(Kind kind, String part) {
    List<Row> rows = new ArrayList<>();
    below(part, Kinds.part(kind, part).shape(), rows);
    return rows;
  }

  public static List<Row> metadata() {
    List<Row> rows = new ArrayList<>();
    below("metadata", Shapes.of(Metadata.class), rows);
    return rows.stream().map(ManifestFields::withNamespace).toList();
  }

  /// A manifest can omit the namespace, although the record has no default of it.
  private static Row withNamespace(Row row) {
    return row.path().equals("metadata.namespace")
        ? new Row(
            row.path(),
            row.type(),
            "`" + Metadata.DEFAULT_NAMESPACE + "`",
            row.allowed(),
            row.description())
        : row;
  }

  /// The text forms of values, by the name that the column of types gives them.
  public static SequencedMap<String, String> notations() {
    SequencedMap<String, String> notations = new TreeMap<>();
    for (Kind kind : Kind.values()) {
      notations(Kinds.shape(kind), notations);
    }
    return notations;
  }

  private static void notations(Shape shape, SequencedMap<String, String> found) {
    if (shape instanceof Shape.Notation notation) {
      found.put(type(notation), notation.expected());
    }
    if (shape instanceof Shape.MapOf map) {
      notations(map.key(), found);
    }
    if (shape instanceof Shape.RecordOf record) {
      record.fields().forEach(field -> notations(field.shape(), found));
    }
    inner(shape).ifPresent(inner -> notations(inner, found));
  }

  private static void below(String path, Shape shape, List<Row> rows) {
    switch (shape) {
      case Shape.RecordOf record -> record.fields().forEach(f -> field(path, record, f, rows));
      case Shape.ListOf list -> below(path + "[]", list.item(), rows);
      case Shape.MapOf map -> below(path + ".KEY", map.value(), rows);
      case Shape.OptionalOf optional -> below(path, optional.held(), rows);
      case Shape.Text _,
          Shape.Whole _,
          Shape.Decimal _,
          Shape.Truth _,
          Shape.Notation _,
          Shape.Choice _,
          Shape.DispersionShape _,
          Shape.AnyResource _ -> {}
    }
  }

  private static void field(String path, Shape.RecordOf record, Shape.Field field, List<Row> rows) {
    String own = path + "." + field.name();
    String name = record.type().getSimpleName() + "." + field.name();
    rows.add(
        new Row(
            own,
            type(field.shape()),
            fallback(field),
            allowed(record, field),
            Schemas.description(name).orElse("")));
    below(own, field.shape(), rows);
  }

  private static Optional<Shape> inner(Shape shape) {
    return switch (shape) {
      case Shape.ListOf list -> Optional.of(list.item());
      case Shape.MapOf map -> Optional.of(map.value());
      case Shape.OptionalOf optional -> Optional.of(optional.held());
      case Shape.RecordOf _,
          Shape.Text _,
          Shape.Whole _,
          Shape.Decimal _,
          Shape.Truth _,
          Shape.Notation _,
          Shape.Choice _,
          Shape.DispersionShape _,
          Shape.AnyResource _ ->
          Optional.empty();
    };
  }

  private static String type(Shape shape) {
    return switch (shape) {
      case Shape.Text _, Shape.Choice _ -> "text";
      case Shape.Whole _ -> "integer";
      case Shape.Decimal _ -> "number";
      case Shape.Truth _ -> "boolean";
      case Shape.Notation notation ->
          notation.expected().replaceFirst("^an? ", "").replaceFirst("(,| with ).*", "");
      case Shape.DispersionShape _ -> "number or text";
      case Shape.ListOf list -> "list of " + type(list.item());
      case Shape.MapOf map -> "map of " + type(map.value());
      case Shape.OptionalOf optional -> type(optional.held());
      case Shape.RecordOf _, Shape.AnyResource _ -> "object";
    };
  }

  private static String fallback(Shape.Field field) {
    if (field.fallback().isEmpty()) {
      return "required";
    }
    return switch (field.shape()) {
      case Shape.OptionalOf _ -> "-";
      case Shape.RecordOf _ -> "of its fields";
      default -> "`" + text(Encoder.value(field.shape(), field.fallback().get())) + "`";
    };
  }

  private static String text(JsonNode value) {
    return value.isString() && !value.stringValue().isEmpty()
        ? value.stringValue()
        : value.toString();
  }

  private static String allowed(Shape.RecordOf record, Shape.Field field) {
    Stream<String> rules =
        FieldRules.of(record.type(), field.name()).stream().flatMap(ManifestFields::rule);
    return Stream.concat(choices(field.shape()).stream(), rules).collect(Collectors.joining("; "));
  }

  private static Optional<String> choices(Shape shape) {
    return switch (shape) {
      case Shape.Choice choice ->
          Optional.of(
              choice.constants().keySet().stream()
                  .map(value -> "`" + value + "`")
                  .collect(Collectors.joining(", ")));
      case Shape.DispersionShape dispersion -> Optional.of(dispersion.expected());
      default -> inner(shape).flatMap(ManifestFields::choices);
    };
  }

  private static Stream<String> rule(FieldRule rule) {
    return switch (rule) {
      case FieldRule.Single single -> Stream.of(single.wanted());
      case FieldRule.Each each -> rule(each.rule()).map(text -> "each item: " + text);
      case FieldRule.Unshown unshown -> rule(unshown.rule());
      case FieldRule.Entries entries ->
          Stream.concat(
              entries.key().stream().flatMap(ManifestFields::rule).map(text -> "each key: " + text),
              entries.value().stream()
                  .flatMap(ManifestFields::rule)
                  .map(text -> "each value: " + text));
    };
  }
}
