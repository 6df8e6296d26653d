// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Finds the paths of fields that differ between two trees.
public final class FieldChanges {
  private FieldChanges() {}

  /// The paths, such as `spec.engine.args`. A list is one field.
  public static List<String> between(JsonNode before, JsonNode after) {
    List<String> paths = new ArrayList<>();
    compare("", before, after, paths);
    return paths;
  }

  private static void compare(String path, JsonNode before, JsonNode after, List<String> paths) {
    if (before.equals(after)) {
      return;
    }
    if (before.isObject() && after.isObject()) {
      Set<String> names = new LinkedHashSet<>(after.propertyNames());
      names.addAll(before.propertyNames());
      for (String name : names) {
        String child = path.isEmpty() ? name : path + "." + name;
        compare(child, before.path(name), after.path(name), paths);
      }
    } else {
      paths.add(path);
    }
  }
}
