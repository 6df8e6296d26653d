// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.check;

import dev.weir.model.ModelVersion;
import dev.weir.model.Resource;
import dev.weir.model.notation.FieldPath;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.Problem;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// All constraints inside one resource. `Manifests.read` applies the same rules while reading; this
/// class checks resources from other sources.
public final class ResourceChecks {
  private ResourceChecks() {}

  /// Every problem of the resource's metadata and spec, in the order of its fields. The status is
  /// not checked, because Weir owns it.
  public static List<Problem> of(Resource resource) {
    List<Problem> problems = new ArrayList<>();
    walk("metadata", resource.metadata(), problems::add);
    namespace(resource.kind(), resource.metadata(), problems::add);
    walk("spec", resource.spec(), problems::add);
    together(resource, problems::add);
    return problems;
  }

  /// Applies the rules of one field.
  public static void field(
      String path, Class<?> type, String field, Object value, Consumer<Problem> problems) {
    Object held = value instanceof Optional<?> optional ? optional.orElse(null) : value;
    if (held != null) {
      FieldRules.of(type, field).forEach(rule -> rule.check(path, held, problems));
    }
  }

  /// Checks constraints between the fields of one record.
  public static void record(String path, Record record, Consumer<Problem> problems) {
    RecordRules.check(path, record, problems);
  }

  /// Checks that the metadata has a namespace if and only if the kind is namespaced.
  public static void namespace(Kind kind, Metadata metadata, Consumer<Problem> problems) {
    String namespace = metadata.namespace();
    if (!kind.namespaced() && !namespace.isEmpty()) {
      problems.accept(
          FieldRule.problem(
              "metadata.namespace",
              namespace,
              "must be left out: a " + kind.text() + " belongs to no namespace"));
    }
    if (kind.namespaced() && !FieldRules.LABEL.matcher(namespace).matches()) {
      problems.accept(
          FieldRule.problem(
              "metadata.namespace",
              namespace,
              "must be 1 to 63 lower-case letters, digits and hyphens"));
    }
  }

  /// Checks constraints between metadata and spec.
  public static void together(Resource resource, Consumer<Problem> problems) {
    if (resource instanceof ModelVersion version) {
      // Not VersionRef, which rejects invalid names that another rule reports.
      String name = version.spec().model() + "-" + version.spec().version();
      if (!version.metadata().name().equals(name)) {
        problems.accept(
            FieldRule.problem(
                "metadata.name", version.metadata().name(), "must be <model>-<version>: " + name));
      }
    }
  }

  private static void walk(String path, Object value, Consumer<Problem> problems) {
    switch (value) {
      case Record record -> walkRecord(path, record, problems);
      case Optional<?> optional -> optional.ifPresent(held -> walk(path, held, problems));
      case List<?> items -> {
        for (int i = 0; i < items.size(); i++) {
          walk(FieldPath.item(path, i), items.get(i), problems);
        }
      }
      case Map<?, ?> map -> {
        Map<String, Object> sorted = new TreeMap<>();
        map.forEach((key, held) -> sorted.put(String.valueOf(key), held));
        sorted.forEach((key, held) -> walk(FieldPath.child(path, key), held, problems));
      }
      // Scalars are checked as fields of their record.
      default -> {}
    }
  }

  private static void walkRecord(String path, Record record, Consumer<Problem> problems) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = value(component, record);
      String place = FieldPath.child(path, component.getName());
      field(place, record.getClass(), component.getName(), value, problems);
      walk(place, value, problems);
    }
    record(path, record, problems);
  }

  private static Object value(RecordComponent component, Record record) {
    try {
      return Objects.requireNonNull(component.getAccessor().invoke(record));
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException("cannot read " + component, impossible);
    }
  }
}
