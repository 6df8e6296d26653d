// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.RetiredNames;
import dev.weir.model.RetiredNames.NameKind;
import dev.weir.model.RetiredNames.RetiredName;
import dev.weir.model.notation.FieldPath;
import dev.weir.model.tree.Node;
import dev.weir.model.value.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/// Reads fields under the names that an earlier version used.
final class RetiredFields {
  private final RetiredNames names;
  private final Consumer<Problem> problems;
  private final Consumer<String> warnings;

  /// @param problems takes names that cannot be read: both names at once, or no successor
  /// @param warnings takes one line for each old name that is read
  RetiredFields(RetiredNames names, Consumer<Problem> problems, Consumer<String> warnings) {
    this.names = names;
    this.problems = problems;
    this.warnings = warnings;
  }

  /// The object under the present names of its fields.
  Node.Mapping renamed(Class<? extends Record> type, Node.Mapping object, String path) {
    List<RetiredName> known = names.of(NameKind.FIELD, type.getSimpleName());
    if (known.stream().noneMatch(name -> object.fields().containsKey(name.name()))) {
      return object;
    }
    Map<String, Node> fields = new LinkedHashMap<>(object.fields());
    known.stream()
        .filter(name -> fields.containsKey(name.name()))
        .forEach(name -> rename(name, fields, path));
    return Node.mapping(fields);
  }

  private void rename(RetiredName name, Map<String, Node> fields, String path) {
    String place = FieldPath.child(path, name.name());
    Node value = Objects.requireNonNull(fields.remove(name.name()));
    if (name.successor().isEmpty()) {
      problem(place, value, "is a retired name: " + name.remedy());
      return;
    }
    String successor = name.successor().get();
    if (fields.putIfAbsent(successor, value) == null) {
      warnings.accept(
          "%s is a retired name: write `%s`; the next version no longer reads the old name"
              .formatted(place, successor));
    } else {
      problem(place, value, "is the retired name of `" + successor + "`: give only the new name");
    }
  }

  private void problem(String place, Node value, String message) {
    problems.accept(new Problem(place, value.shown(), message));
  }
}
