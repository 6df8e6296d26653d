// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.Resource;
import dev.weir.model.notation.Durations;
import dev.weir.model.notation.Percentages;
import dev.weir.model.notation.Quantities;
import dev.weir.model.spec.EngineType;
import dev.weir.model.spec.ReleaseSpec.Dispersion;
import dev.weir.model.tree.Document;
import dev.weir.model.tree.Node;
import dev.weir.model.tree.YamlReader;
import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.Quantity;
import dev.weir.model.value.RefersTo;
import dev.weir.model.value.Text;
import dev.weir.model.value.VersionRef;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// Derives the shape of each record class once and caches it.
final class Shapes {
  private static final Map<Class<?>, Shape.RecordOf> RECORDS = new ConcurrentHashMap<>();

  private static final Shape TEXT = new Shape.Text();
  private static final Map<Class<?>, Shape> SCALARS = scalars();

  private Shapes() {}

  /// @throws IllegalArgumentException when a component's type has no text form
  static Shape.RecordOf of(Class<? extends Record> type) {
    Shape.RecordOf known = RECORDS.get(type);
    if (known != null) {
      return known;
    }
    // Not computeIfAbsent: records contain records, and the mapping function must not modify the
    // map.
    Shape.RecordOf built = build(type);
    RECORDS.put(type, built);
    return built;
  }

  static Shape of(Type type) {
    return switch (type) {
      case ParameterizedType generic -> generic(generic);
      case Class<?> plain -> plain(plain);
      default -> throw unknown(type);
    };
  }

  private static Shape generic(ParameterizedType type) {
    Type[] held = type.getActualTypeArguments();
    if (type.getRawType() == List.class) {
      return new Shape.ListOf(of(held[0]));
    }
    if (type.getRawType() == Optional.class) {
      return new Shape.OptionalOf(of(held[0]));
    }
    if (type.getRawType() == Map.class) {
      return new Shape.MapOf(of(held[0]), of(held[1]));
    }
    throw unknown(type);
  }

  private static Shape plain(Class<?> type) {
    Shape scalar = SCALARS.get(type);
    if (scalar != null) {
      return scalar;
    }
    if (type.isEnum()) {
      return choice(type);
    }
    if (type.isRecord() && !Resource.class.isAssignableFrom(type)) {
      return of(type.asSubclass(Record.class));
    }
    if (Resource.class.isAssignableFrom(type)) {
      return new Shape.AnyResource();
    }
    throw unknown(type);
  }

  private static IllegalArgumentException unknown(Type type) {
    return new IllegalArgumentException("no text form for " + type);
  }

  private static Shape choice(Class<?> type) {
    Map<String, Object> constants = new LinkedHashMap<>();
    for (Object constant : type.getEnumConstants()) {
      constants.put(enumText(constant), constant);
    }
    return new Shape.Choice(constants, Shapes::enumText);
  }

  private static String enumText(Object constant) {
    return switch (constant) {
      case Text text -> text.text();
      case Kind kind -> kind.text();
      default -> throw new IllegalArgumentException("an enum without text form: " + constant);
    };
  }

  private static Shape.RecordOf build(Class<? extends Record> type) {
    List<Shape.Field> fields = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      fields.add(field(component));
    }
    return new Shape.RecordOf(type, fields, constructor(type));
  }

  private static Shape.Field field(RecordComponent component) {
    Shape shape = of(component.getGenericType());
    component.getAccessor().setAccessible(true);
    return new Shape.Field(
        component.getName(),
        shape,
        fallback(component, shape),
        Optional.ofNullable(component.getAnnotation(RefersTo.class)).map(RefersTo::value),
        component.getAccessor());
  }

  private static Optional<Object> fallback(RecordComponent component, Shape shape) {
    if (shape instanceof Shape.OptionalOf) {
      return Optional.of(Optional.empty());
    }
    Default given = component.getAnnotation(Default.class);
    if (given == null) {
      return Optional.empty();
    }
    Node node = shape instanceof Shape.Text ? new Node.Text(given.value(), true) : flow(given);
    return Optional.of(Decoder.trusted(shape, node, component.toString()));
  }

  /// Defaults of objects and lists are YAML, as in a manifest.
  private static Node flow(Default given) {
    Document document = YamlReader.read(given.value()).getFirst();
    if (!document.problems().isEmpty()) {
      throw new IllegalStateException(given + ": " + document.problems());
    }
    return document.root();
  }

  private static <R extends Record> Constructor<R> constructor(Class<R> type) {
    Class<?>[] parameters =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<R> canonical = type.getDeclaredConstructor(parameters);
      canonical.setAccessible(true);
      return canonical;
    } catch (NoSuchMethodException impossible) {
      throw new IllegalStateException(
          "a record without canonical constructor: " + type, impossible);
    }
  }

  private static Map<Class<?>, Shape> scalars() {
    Map<Class<?>, Shape> shapes = new LinkedHashMap<>();
    shapes.put(String.class, TEXT);
    shapes.put(int.class, new Shape.Whole(false));
    shapes.put(Integer.class, new Shape.Whole(false));
    shapes.put(long.class, new Shape.Whole(true));
    shapes.put(Long.class, new Shape.Whole(true));
    shapes.put(double.class, new Shape.Decimal());
    shapes.put(Double.class, new Shape.Decimal());
    shapes.put(boolean.class, new Shape.Truth());
    shapes.put(Boolean.class, new Shape.Truth());
    shapes.put(Dispersion.class, new Shape.DispersionShape());
    notations(shapes);
    return shapes;
  }

  private static void notations(Map<Class<?>, Shape> shapes) {
    shapes.put(
        Duration.class,
        notation(
            "a duration with its unit, such as 250ms, 10s or 1h30m",
            Durations::parse,
            value -> Durations.print((Duration) value),
            "",
            "^([0-9]+(\\.[0-9]+)?(ms|us|ns|d|h|m|s))+$"));
    shapes.put(
        Percentage.class,
        notation(
            "a percentage with its sign, such as 20%",
            Percentages::parse, Object::toString, "", "^[0-9]+(\\.[0-9]+)?%$"));
    shapes.put(
        Quantity.class,
        new Shape.Notation(
            "an amount of bytes, such as 80Gi, 512Mi or 1000000",
            Quantities::parse,
            value -> Quantities.print((Quantity) value),
            true,
            "",
            "^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi|Ei|k|M|G|T|P|E)?$"));
    shapes.put(
        VersionRef.class,
        notation(
            "model@version, such as chat@2",
            VersionRef::parse,
            Object::toString,
            "",
            "^[^@]+@[^@]+$"));
    shapes.put(
        EngineType.class,
        notation(
            "the name of an engine: 1 to 63 lower-case letters, digits and hyphens, with a letter or"
                + " digit at both ends",
            EngineType::parse,
            Object::toString,
            "",
            "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"));
    shapes.put(
        Instant.class,
        notation(
            "a UTC time, such as 2026-01-31T12:00:00Z",
            Shapes::instant,
            Object::toString,
            "date-time",
            ""));
    shapes.put(
        URI.class,
        notation("a URI, such as http://10.0.0.7:8000", Shapes::uri, Object::toString, "uri", ""));
  }

  private static Shape notation(
      String wanted,
      Function<String, Optional<?>> parse,
      Function<Object, String> print,
      String format,
      String pattern) {
    return new Shape.Notation(wanted, parse, print, false, format, pattern);
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException notATime) {
      return Optional.empty();
    }
  }

  private static Optional<URI> uri(String text) {
    try {
      URI uri = new URI(text);
      return uri.isAbsolute() ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException notAUri) {
      return Optional.empty();
    }
  }
}
