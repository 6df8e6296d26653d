// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.tree;

import dev.weir.model.notation.FieldPath;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A value as written, before it is interpreted.
public sealed interface Node {
  /// The number of values in it, including itself, with aliases expanded.
  default int size() {
    return 1;
  }

  /// The nesting depth; 0 for a scalar.
  default int height() {
    return 0;
  }

  /// A short form for problems.
  String shown();

  /// @param quoted false for a plain YAML scalar, whose type is inferred from its text
  record Text(String value, boolean quoted) implements Node {
    @Override
    public String shown() {
      return FieldPath.shortened(value, 60);
    }
  }

  /// @param literal the digits as written: `1.10` stays `1.10`
  record Numeral(String literal) implements Node {
    @Override
    public String shown() {
      return FieldPath.shortened(literal, 60);
    }
  }

  record Bool(boolean value, String literal) implements Node {
    @Override
    public String shown() {
      return literal;
    }
  }

  /// `null`, `~`, or no value after the colon.
  record Nothing() implements Node {
    @Override
    public String shown() {
      return "";
    }
  }

  /// Create it with `sequence`, which computes size and height.
  record Sequence(List<Node> items, int size, int height) implements Node {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String shown() {
      return "a list of " + items.size();
    }
  }

  /// Create it with `mapping`, which computes size and height. Fields are in the order of the text.
  record Mapping(Map<String, Node> fields, int size, int height) implements Node {
    public Mapping {
      fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    @Override
    public String shown() {
      return "an object of " + fields.size();
    }
  }

  static Sequence sequence(List<Node> items) {
    return new Sequence(items, 1 + sizeOf(items), 1 + heightOf(items));
  }

  static Mapping mapping(Map<String, Node> fields) {
    return new Mapping(fields, 1 + sizeOf(fields.values()), 1 + heightOf(fields.values()));
  }

  private static int sizeOf(Iterable<Node> nodes) {
    int size = 0;
    for (Node node : nodes) {
      size += node.size();
    }
    return size;
  }

  private static int heightOf(Iterable<Node> nodes) {
    int height = 0;
    for (Node node : nodes) {
      height = Math.max(height, node.height());
    }
    return height;
  }
}
