// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What the program before wrote, in the form of today: an upgrade in the middle of a rollout loses
/// no evidence, and old decisions can be replayed. A plan of then goes on with the metrics of then.
final class FormerForms {
  private FormerForms() {}

  /// A state of version 1.
  static JsonNode state(JsonNode tree) {
    if (!(tree.deepCopy() instanceof ObjectNode state)) {
      return tree;
    }
    state.put("version", AnalysisState.VERSION);
    state.set("plan", plan(state.path("plan")));
    each(state.path("tracks"), track -> track.put("applies", true));
    each(state, "allocation", allocation -> allocation.put("split", "known"));
    state.putNull("fast");
    state
        .putObject("history")
        .put("everyMillis", state.path("plan").path("sliceMillis").asLong())
        .putArray("moments");
    return state;
  }

  /// Evidence of version 1.
  static JsonNode evidence(JsonNode tree) {
    if (!(tree.deepCopy() instanceof ObjectNode evidence)) {
      return tree;
    }
    evidence.put("version", Evidence.VERSION);
    each(evidence.path("metrics"), metric -> metric.put("applies", true));
    each(evidence, "allocation", allocation -> allocation.put("split", "known"));
    evidence.putArray("history");
    return evidence;
  }

  /// A plan from before there were dry runs.
  static JsonNode plan(JsonNode tree) {
    if (!(tree.deepCopy() instanceof ObjectNode plan)) {
      return tree;
    }
    each(plan.path("metrics"), metric -> metric.put("dryRun", false));
    plan.putNull("calibration");
    plan.putObject("steps");
    return plan;
  }

  private static void each(JsonNode parent, Consumer<ObjectNode> change) {
    for (JsonNode child : parent) {
      if (child instanceof ObjectNode object) {
        change.accept(object);
      }
    }
  }

  private static void each(JsonNode parent, String name, Consumer<ObjectNode> change) {
    if (parent.path(name) instanceof ObjectNode object) {
      change.accept(object);
    }
  }
}
