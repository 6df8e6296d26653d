// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.api.call.ApiJson;
import dev.weir.model.Resource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// The differences in the fields that users write: `spec`, labels and annotations, leaf by leaf.
final class FieldDiff {
  private FieldDiff() {}

  /// `[{path, before, after}]`; a side without the field is absent.
  static ArrayNode between(Optional<Resource> before, Resource after) {
    ArrayNode fields = ApiJson.array();
    JsonNode old = before.<JsonNode>map(ApiJson::resource).orElse(MissingNode.getInstance());
    JsonNode wanted = ApiJson.resource(after);
    compare("spec", old.path("spec"), wanted.path("spec"), fields);
    for (String part : List.of("labels", "annotations")) {
      compare(
          "metadata." + part,
          old.path("metadata").path(part),
          wanted.path("metadata").path(part),
          fields);
    }
    return fields;
  }

  private static void compare(String path, JsonNode old, JsonNode wanted, ArrayNode fields) {
    if (old.equals(wanted)) {
      return;
    }
    if (branches(ObjectNode.class, old, wanted)) {
      Set<String> names = new LinkedHashSet<>();
      wanted.properties().forEach(e -> names.add(e.getKey()));
      old.properties().forEach(e -> names.add(e.getKey()));
      names.forEach(n -> compare(path + "." + n, old.path(n), wanted.path(n), fields));
    } else if (branches(ArrayNode.class, old, wanted)) {
      for (int i = 0; i < Math.max(old.size(), wanted.size()); i++) {
        compare(path + "[" + i + "]", old.path(i), wanted.path(i), fields);
      }
    } else {
      ObjectNode field = fields.addObject().put("path", path);
      present(field, "before", old);
      present(field, "after", wanted);
    }
  }

  /// Whether to compare children: both sides are of the class, or one is and the other is absent.
  private static boolean branches(Class<? extends JsonNode> type, JsonNode old, JsonNode wanted) {
    boolean any = type.isInstance(old) || type.isInstance(wanted);
    return any
        && (type.isInstance(old) || old.isMissingNode())
        && (type.isInstance(wanted) || wanted.isMissingNode());
  }

  private static void present(ObjectNode field, String side, JsonNode value) {
    if (!value.isMissingNode()) {
      field.set(side, value);
    }
  }
}
