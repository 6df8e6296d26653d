// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import static java.util.Objects.requireNonNull;

import dev.weir.model.Resource;
import dev.weir.model.value.Kind;
import java.util.EnumMap;
import java.util.Map;

/// The record class of each kind.
final class Kinds {
  private static final Map<Kind, Class<? extends Record>> TYPES = types();

  private Kinds() {}

  private static Map<Kind, Class<? extends Record>> types() {
    Map<Kind, Class<? extends Record>> types = new EnumMap<>(Kind.class);
    for (Class<?> type : Resource.class.getPermittedSubclasses()) {
      Kind kind = Kind.named(type.getSimpleName()).orElseThrow();
      types.put(kind, type.asSubclass(Record.class));
    }
    return types;
  }

  static Class<? extends Record> type(Kind kind) {
    return requireNonNull(TYPES.get(kind), "no record of kind " + kind.text());
  }

  /// The shape of the whole resource: metadata, spec and status, without apiVersion and kind.
  static Shape.RecordOf shape(Kind kind) {
    return Shapes.of(type(kind));
  }

  static Shape.Field part(Kind kind, String name) {
    return shape(kind).fields().stream()
        .filter(field -> field.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /// @param parts metadata, spec and status, in the kind's classes
  static Resource make(Kind kind, Object... parts) {
    try {
      return (Resource) shape(kind).constructor().newInstance(parts);
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException("cannot make a " + kind.text(), impossible);
    }
  }
}
