// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.control.api.call.ApiJson;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The names of release metrics in the schemas of resources. Module `model` does not know them.
final class MetricNames {
  private static final String RELEASE = "/properties/spec/properties/release/properties";
  private static final List<String> MAPS =
      List.of(
          RELEASE + "/analysis/properties/metrics", RELEASE + "/steps/items/properties/metrics");

  private MetricNames() {}

  /// Adds `propertyNames` to each map by metric name in a kind's schema: the name and the meaning
  /// of each metric.
  ///
  /// @param schema changed in place; a kind without a release has no such maps
  static ObjectNode added(ObjectNode schema) {
    for (String map : MAPS) {
      if (schema.at(map) instanceof ObjectNode found) {
        found.set("propertyNames", names());
      }
    }
    return schema;
  }

  private static ObjectNode names() {
    ObjectNode names = ApiJson.object();
    ArrayNode each = names.putArray("oneOf");
    for (ReleaseMetric metric : ReleaseMetric.values()) {
      each.addObject()
          .put("const", metric.manifestName())
          .put("description", "Counts as bad: " + metric.description() + ".");
    }
    return names;
  }
}
