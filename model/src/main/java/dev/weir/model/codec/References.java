// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.Resource;
import dev.weir.model.notation.FieldPath;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The references of resources to other resources: the fields of their specs that have
/// [dev.weir.model.value.RefersTo].
public final class References {
  private static final Map<Kind, Set<Kind>> KINDS = kinds();

  private final String namespace;
  private final List<Reference> found = new ArrayList<>();

  private References(String namespace) {
    this.namespace = namespace;
  }

  /// One reference.
  ///
  /// @param path the field, for example `spec.backends[0].service`
  public record Reference(String path, ResourceRef ref) {}

  /// The references of a resource, in the order of the fields of its spec.
  public static List<Reference> of(Resource resource) {
    return in("spec", resource.spec(), resource.metadata().namespace());
  }

  /// The references of one record of a spec.
  ///
  /// @param path the path of the record in its resource
  /// @param namespace the namespace of the resource
  public static List<Reference> in(String path, Record part, String namespace) {
    References references = new References(namespace);
    references.record(path, Shapes.of(part.getClass()), part);
    return List.copyOf(references.found);
  }

  /// The kinds that resources of this kind refer to.
  public static Set<Kind> from(Kind kind) {
    return KINDS.getOrDefault(kind, Set.of());
  }

  /// The kinds whose resources refer to resources of this kind, in the order of the catalogue.
  public static List<Kind> to(Kind kind) {
    return Arrays.stream(Kind.values()).filter(other -> from(other).contains(kind)).toList();
  }

  private void record(String path, Shape.RecordOf shape, Record record) {
    for (Shape.Field field : shape.fields()) {
      String place = FieldPath.child(path, field.name());
      value(place, field.shape(), field.refersTo(), field.read(record));
    }
  }

  private void value(String path, Shape shape, Optional<Kind> refersTo, Object value) {
    switch (shape) {
      case Shape.Text _ -> refersTo.ifPresent(kind -> add(path, kind, (String) value));
      case Shape.RecordOf record -> record(path, record, (Record) value);
      case Shape.ListOf list -> items(path, list.item(), refersTo, (List<?>) value);
      case Shape.MapOf map -> entries(path, map.value(), refersTo, (Map<?, ?>) value);
      case Shape.OptionalOf optional ->
          ((Optional<?>) value).ifPresent(held -> value(path, optional.held(), refersTo, held));
      case Shape.Whole _, Shape.Decimal _, Shape.Truth _, Shape.Notation _ -> {}
      case Shape.Choice _, Shape.DispersionShape _, Shape.AnyResource _ -> {}
    }
  }

  private void items(String path, Shape item, Optional<Kind> refersTo, List<?> values) {
    for (int i = 0; i < values.size(); i++) {
      value(FieldPath.item(path, i), item, refersTo, values.get(i));
    }
  }

  private void entries(String path, Shape shape, Optional<Kind> refersTo, Map<?, ?> entries) {
    Map<String, Object> sorted = new TreeMap<>();
    entries.forEach((key, value) -> sorted.put(key.toString(), value));
    sorted.forEach((key, value) -> value(FieldPath.child(path, key), shape, refersTo, value));
  }

  private void add(String path, Kind kind, String name) {
    found.add(new Reference(path, ResourceRef.of(kind, namespace, name)));
  }

  private static Map<Kind, Set<Kind>> kinds() {
    Map<Kind, Set<Kind>> kinds = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      kinds.put(
          kind, kinds(Kinds.part(kind, "spec").shape()).collect(Collectors.toUnmodifiableSet()));
    }
    return kinds;
  }

  private static Stream<Kind> kinds(Shape shape) {
    return switch (shape) {
      case Shape.RecordOf record ->
          record.fields().stream()
              .flatMap(field -> Stream.concat(field.refersTo().stream(), kinds(field.shape())));
      case Shape.ListOf list -> kinds(list.item());
      case Shape.MapOf map -> kinds(map.value());
      case Shape.OptionalOf optional -> kinds(optional.held());
      case Shape.Text _, Shape.Whole _, Shape.Decimal _, Shape.Truth _ -> Stream.empty();
      case Shape.Notation _, Shape.Choice _, Shape.DispersionShape _, Shape.AnyResource _ ->
          Stream.empty();
    };
  }
}
