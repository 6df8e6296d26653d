// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.value.Kind;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/// The shape of a value: the single description that reading, writing and the schema share.
sealed interface Shape {
  /// A human-readable description of the expected value: "a whole number".
  String expected();

  record Text() implements Shape {
    @Override
    public String expected() {
      return "text";
    }
  }

  record Whole(boolean isLong) implements Shape {
    @Override
    public String expected() {
      return "a whole number";
    }
  }

  record Decimal() implements Shape {
    @Override
    public String expected() {
      return "a number";
    }
  }

  record Truth() implements Shape {
    @Override
    public String expected() {
      return "true or false";
    }
  }

  /// A value with its own text form.
  ///
  /// @param numbers whether a plain number is also accepted
  /// @param format JSON Schema's `format`, or empty
  record Notation(
      String expected,
      Function<String, Optional<?>> parse,
      Function<Object, String> print,
      boolean numbers,
      String format,
      String pattern)
      implements Shape {}

  /// One of a fixed set of texts.
  record Choice(Map<String, Object> constants, Function<Object, String> print) implements Shape {
    public Choice {
      constants = Collections.unmodifiableMap(new LinkedHashMap<>(constants));
    }

    @Override
    public String expected() {
      return "one of " + String.join(", ", constants.keySet());
    }
  }

  /// `auto` or a number.
  record DispersionShape() implements Shape {
    @Override
    public String expected() {
      return "`auto` or a number of at least 1";
    }
  }

  record ListOf(Shape item) implements Shape {
    @Override
    public String expected() {
      return "a list";
    }
  }

  /// @param key the shape of a key: text or a notation
  record MapOf(Shape key, Shape value) implements Shape {
    @Override
    public String expected() {
      return "an object of names and values";
    }
  }

  record OptionalOf(Shape held) implements Shape {
    @Override
    public String expected() {
      return held.expected();
    }
  }

  /// A resource of any kind, with apiVersion and kind.
  record AnyResource() implements Shape {
    @Override
    public String expected() {
      return "a resource";
    }
  }

  record RecordOf(
      Class<? extends Record> type, List<Field> fields, Constructor<? extends Record> constructor)
      implements Shape {
    public RecordOf {
      fields = List.copyOf(fields);
    }

    @Override
    public String expected() {
      return fields.isEmpty()
          ? "an object without fields"
          : "an object with " + String.join(", ", fields.stream().map(Field::name).toList());
    }
  }

  /// @param fallback the default value; empty if the field is required
  /// @param refersTo the kind of the resources that the field names; empty if it names none
  record Field(
      String name,
      Shape shape,
      Optional<Object> fallback,
      Optional<Kind> refersTo,
      Method accessor) {
    /// The value of the field in a record; an empty optional if it has none.
    Object read(Record record) {
      try {
        return Objects.requireNonNull(accessor.invoke(record));
      } catch (ReflectiveOperationException impossible) {
        throw new IllegalStateException("cannot read " + name + " of a record", impossible);
      }
    }
  }
}
