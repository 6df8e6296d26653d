// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.RetiredNames;
import dev.weir.model.check.ResourceChecks;
import dev.weir.model.notation.FieldPath;
import dev.weir.model.spec.ReleaseSpec.Dispersion;
import dev.weir.model.tree.Node;
import dev.weir.model.tree.PlainScalars;
import dev.weir.model.value.Problem;
import dev.weir.model.value.SecretDetector;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// Reads values from a tree by their shape, and continues after a problem to find all of them.
final class Decoder {
  private static final Pattern WHOLE = Pattern.compile("[-+]?(0|[1-9][0-9]{0,18})");
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

  private final Strictness strictness;
  private final Consumer<Problem> problems;
  private final RetiredFields retired;

  /// How strictly a text is checked.
  enum Strictness {
    /// From a user: rejects unknown fields and applies every rule of `check`.
    MANIFEST,
    /// From a store: rejects unknown fields, but skips the rules, so that new rules do not break
    /// stored resources.
    STORED,
    /// From another process, perhaps a newer one: ignores unknown fields.
    WIRE
  }

  /// A decoder that reads retired names without a warning.
  Decoder(Strictness strictness, Consumer<Problem> problems) {
    this(strictness, problems, _ -> {});
  }

  /// @param warnings takes one line for each use of a retired name
  Decoder(Strictness strictness, Consumer<Problem> problems, Consumer<String> warnings) {
    this(strictness, problems, new RetiredFields(RetiredNames.current(), problems, warnings));
  }

  Decoder(Strictness strictness, Consumer<Problem> problems, RetiredFields retired) {
    this.strictness = strictness;
    this.problems = problems;
    this.retired = retired;
  }

  /// Reads text that Weir itself wrote.
  ///
  /// @throws IllegalArgumentException with all problems
  static Object trusted(Shape shape, Node node, String what) {
    List<Problem> problems = new ArrayList<>();
    Optional<Object> value = new Decoder(Strictness.STORED, problems::add).value(shape, node, "");
    return value
        .filter(read -> problems.isEmpty())
        .orElseThrow(() -> new IllegalArgumentException(what + ": " + problems));
  }

  /// The value; empty if there are problems.
  Optional<Object> value(Shape shape, Node node, String path) {
    return switch (shape) {
      case Shape.Text _ -> text(node, path).map(text -> text);
      case Shape.Whole whole -> whole(whole, node, path);
      case Shape.Decimal _ -> decimal(shape.expected(), node, path).map(number -> number);
      case Shape.Truth _ -> truth(node, path);
      case Shape.Notation notation -> notation(notation, node, path);
      case Shape.Choice choice -> choice(choice, node, path);
      case Shape.DispersionShape _ -> dispersion(node, path);
      case Shape.ListOf list -> list(list, node, path);
      case Shape.MapOf map -> map(map, node, path);
      case Shape.OptionalOf optional -> value(optional.held(), node, path).map(Optional::of);
      case Shape.AnyResource _ -> new Envelope(this, "").read(node, path).map(read -> read);
      case Shape.RecordOf record -> record(record, node, path, Map.of()).map(read -> read);
    };
  }

  void problem(String path, String value, String message) {
    problems.accept(new Problem(path, value, message));
  }

  boolean checks() {
    return strictness == Strictness.MANIFEST;
  }

  private <T> Optional<T> wrong(String path, Node node, String wanted) {
    problem(path, node.shown(), "must be " + wanted);
    return Optional.empty();
  }

  private Optional<String> text(Node node, String path) {
    return switch (node) {
      case Node.Text text when text.quoted() || !PlainScalars.disputed(text.value()) ->
          Optional.of(text.value());
      case Node.Text text -> quote(path, text.value());
      case Node.Numeral number -> quote(path, number.literal());
      case Node.Bool bool -> quote(path, bool.literal());
      case Node.Nothing _, Node.Sequence _, Node.Mapping _ -> wrong(path, node, "text");
    };
  }

  /// Some readers parse `version: 1.10` as the number 1.1, others as text, so quotes are required.
  private <T> Optional<T> quote(String path, String literal) {
    String shown = SecretDetector.redact(path, FieldPath.shortened(literal, 60));
    problem(path, shown, "must be text; write it in quotes: \"" + shown + "\"");
    return Optional.empty();
  }

  private Optional<Object> whole(Shape.Whole shape, Node node, String path) {
    if (!(node instanceof Node.Numeral number) || !WHOLE.matcher(number.literal()).matches()) {
      return wrong(path, node, "a whole number" + unquoted(node));
    }
    try {
      long value = Long.parseLong(number.literal());
      return Optional.of(shape.isLong() ? (Object) value : (Object) Math.toIntExact(value));
    } catch (NumberFormatException | ArithmeticException tooLarge) {
      return wrong(path, node, "a whole number of at most " + (shape.isLong() ? 64 : 32) + " bits");
    }
  }

  private Optional<Double> decimal(String wanted, Node node, String path) {
    if (node instanceof Node.Numeral number && DECIMAL.matcher(number.literal()).matches()) {
      double value = Double.parseDouble(number.literal());
      return Double.isFinite(value) ? Optional.of(value) : wrong(path, node, "a finite number");
    }
    // JSON has no literal for these values, but evidence contains them.
    if (node instanceof Node.Text text && text.quoted() && strictness != Strictness.MANIFEST) {
      switch (text.value()) {
        case "NaN":
          return Optional.of(Double.NaN);
        case "Infinity":
          return Optional.of(Double.POSITIVE_INFINITY);
        case "-Infinity":
          return Optional.of(Double.NEGATIVE_INFINITY);
        default:
          break;
      }
    }
    return wrong(path, node, wanted + unquoted(node));
  }

  private static String unquoted(Node node) {
    return node instanceof Node.Text text
            && text.quoted()
            && DECIMAL.matcher(text.value()).matches()
        ? ", without quotes"
        : "";
  }

  private Optional<Object> truth(Node node, String path) {
    return node instanceof Node.Bool bool
        ? Optional.of(bool.value())
        : wrong(
            path, node, "true or false" + (node instanceof Node.Text ? ", without quotes" : ""));
  }

  private Optional<Object> notation(Shape.Notation shape, Node node, String path) {
    Optional<String> text =
        switch (node) {
          case Node.Text read -> Optional.of(read.value());
          case Node.Numeral read when shape.numbers() -> Optional.of(read.literal());
          case Node.Numeral _, Node.Bool _, Node.Nothing _, Node.Sequence _, Node.Mapping _ ->
              Optional.empty();
        };
    Optional<?> value = text.flatMap(shape.parse());
    return value.isPresent() ? Optional.of(value.get()) : wrong(path, node, shape.expected());
  }

  private Optional<Object> choice(Shape.Choice shape, Node node, String path) {
    if (node instanceof Node.Text text) {
      Object constant = shape.constants().get(text.value());
      if (constant != null) {
        return Optional.of(constant);
      }
      String hint = Suggestions.hint(text.value(), shape.constants().keySet());
      return wrong(path, node, shape.expected() + hint);
    }
    return wrong(path, node, shape.expected());
  }

  private Optional<Object> dispersion(Node node, String path) {
    if (node instanceof Node.Text text && text.value().equals("auto")) {
      return Optional.of(new Dispersion.Auto());
    }
    String wanted = new Shape.DispersionShape().expected();
    Optional<Double> phi = decimal(wanted, node, path);
    if (phi.isPresent() && phi.get() < 1) {
      return wrong(path, node, wanted);
    }
    return phi.map(Dispersion.Fixed::new);
  }

  private Optional<Object> list(Shape.ListOf shape, Node node, String path) {
    if (!(node instanceof Node.Sequence sequence)) {
      return wrong(path, node, "a list");
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < sequence.items().size(); i++) {
      value(shape.item(), sequence.items().get(i), FieldPath.item(path, i)).ifPresent(values::add);
    }
    boolean complete = values.size() == sequence.items().size();
    return complete ? Optional.of(List.copyOf(values)) : Optional.empty();
  }

  private Optional<Object> map(Shape.MapOf shape, Node node, String path) {
    if (!(node instanceof Node.Mapping mapping)) {
      return wrong(path, node, "an object of names and values");
    }
    Map<Object, Object> values = new LinkedHashMap<>();
    mapping
        .fields()
        .forEach((name, held) -> {
          String place = FieldPath.child(path, name);
          Optional<Object> key = value(shape.key(), new Node.Text(name, true), place);
          Optional<Object> value = value(shape.value(), held, place);
          if (key.isPresent() && value.isPresent()) {
            values.put(key.get(), value.get());
          }
        });
    boolean complete = values.size() == mapping.fields().size();
    return complete ? Optional.of(Map.copyOf(values)) : Optional.empty();
  }

  /// @param implied values for required fields that may be absent here
  Optional<Record> record(
      Shape.RecordOf shape, Node node, String path, Map<String, Object> implied) {
    if (!(node instanceof Node.Mapping given)) {
      return wrong(path, node, shape.expected());
    }
    Node.Mapping mapping = retired.renamed(shape.type(), given, path);
    unknownFields(mapping, shape.fields().stream().map(Shape.Field::name).toList(), path);
    List<Object> values = new ArrayList<>();
    for (Shape.Field field : shape.fields()) {
      field(shape, field, mapping, path, implied).ifPresent(values::add);
    }
    if (values.size() < shape.fields().size()) {
      return Optional.empty();
    }
    Optional<Record> made = make(shape, values, path, node);
    if (checks()) {
      made.ifPresent(record -> ResourceChecks.record(path, record, problems));
    }
    return made;
  }

  void unknownFields(Node.Mapping mapping, List<String> known, String path) {
    if (strictness == Strictness.WIRE) {
      return;
    }
    mapping
        .fields()
        .forEach((name, value) -> {
          if (!known.contains(name)) {
            problem(FieldPath.child(path, name), value.shown(), unknown(name, known));
          }
        });
  }

  private static String unknown(String name, List<String> known) {
    return Suggestions.to(name, known)
        .map(near -> "unknown field; did you mean `" + near + "`?")
        .orElse(
            known.isEmpty()
                ? "unknown field; no field is allowed here"
                : "unknown field; known fields: " + String.join(", ", known));
  }

  private Optional<Object> field(
      Shape.RecordOf shape,
      Shape.Field field,
      Node.Mapping mapping,
      String path,
      Map<String, Object> implied) {
    String place = FieldPath.child(path, field.name());
    Node node = mapping.fields().getOrDefault(field.name(), new Node.Nothing());
    if (node instanceof Node.Nothing) {
      return absent(field, place, implied);
    }
    Optional<Object> value = value(field.shape(), node, place);
    if (checks()) {
      value.ifPresent(v -> ResourceChecks.field(place, shape.type(), field.name(), v, problems));
    }
    return value;
  }

  private Optional<Object> absent(Shape.Field field, String place, Map<String, Object> implied) {
    Optional<Object> value = Optional.ofNullable(implied.get(field.name())).or(field::fallback);
    if (value.isEmpty()) {
      problem(place, "", "is required: " + field.shape().expected());
    }
    return value;
  }

  private Optional<Record> make(Shape.RecordOf shape, List<Object> values, String path, Node node) {
    try {
      return Optional.of(shape.constructor().newInstance(values.toArray()));
    } catch (InvocationTargetException refused) {
      if (refused.getCause() instanceof IllegalArgumentException cause) {
        problem(path, node.shown(), String.valueOf(cause.getMessage()));
        return Optional.empty();
      }
      throw new IllegalStateException("cannot make " + shape.type(), refused);
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException("cannot make " + shape.type(), impossible);
    }
  }
}
