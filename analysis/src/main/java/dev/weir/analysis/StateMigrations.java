// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.Buckets;
import dev.weir.analysis.sequential.EProcess;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Converts states, plans and evidence of earlier versions to the current form, so that an upgrade
/// during a rollout loses no evidence and old decisions can be replayed. An old plan keeps its
/// metrics.
final class StateMigrations {
  /// Metrics that count other requests since version 5, so that earlier proof does not apply to
  /// them.
  private static final List<ReleaseMetric> OF_OTHER_REQUESTS =
      List.of(ReleaseMetric.ERROR, ReleaseMetric.TRUNCATED, ReleaseMetric.TTFT, ReleaseMetric.ITL);

  private StateMigrations() {}

  /// A state of version 1 to 7.
  static JsonNode state(JsonNode tree, int version) {
    if (!(tree.deepCopy() instanceof ObjectNode state)) {
      return tree;
    }
    if (version == 1) {
      second(state);
    }
    if (version < 3) {
      third(state);
    }
    if (version < 4) {
      each(state.path("tracks"), StateMigrations::withoutGrades);
    }
    if (version < 5) {
      fifth(state);
    }
    if (version < 6) {
      each(state.path("tracks"), track -> track.put("passedOver", 0));
    }
    if (version < 7) {
      seventh(state);
    }
    each(
        state.path("tracks"),
        track -> each(track.path("signal"), "detector", of -> of.putArray("strata")));
    state.put("version", AnalysisState.VERSION);
    return state;
  }

  /// Converts a state without forms of requests. Harm evidence stays; metrics that now count other
  /// requests restart their proof in the current step.
  private static void fifth(ObjectNode state) {
    each(
        state.path("tracks"),
        track -> each(track.path("signal"), "detector", StateMigrations::plain));
    for (ReleaseMetric metric : OF_OTHER_REQUESTS) {
      each(
          state.path("tracks"),
          metric.manifestName(),
          track -> {
            track.set("step", nothingJudged());
            track.put("applies", track.path("applies").asBoolean() && !metric.mayNotApply());
            each(track, "signal", StateMigrations::unproven);
            each(track.path("signal"), "detector", StateMigrations::unproven);
          });
    }
  }

  /// A rollout in progress keeps its rules: each step has its own proof, and there is no ramp.
  private static void seventh(ObjectNode state) {
    state.set("plan", plan(state.path("plan")));
    each(state.path("tracks"), track -> each(track, "signal", StateMigrations::unlearned));
    state.set("begunMillis", state.path("step").path("startedMillis"));
    state.put("highestWeight", state.path("step").path("weight").asDouble(0));
    state.putNull("ramp");
  }

  private static void unlearned(ObjectNode signal) {
    if (signal.has("detector")) {
      signal.putNull("learned");
      each(signal, "detector", StateMigrations::withoutSlowdowns);
    }
  }

  private static void withoutSlowdowns(ObjectNode detector) {
    detector.putArray("large");
    detector.putArray("slow");
  }

  private static void plain(ObjectNode detector) {
    detector.set("ofOther", AnalysisState.tree(Buckets.empty()));
  }

  private static void unproven(ObjectNode of) {
    JsonNode fresh = AnalysisState.tree(new EProcess().state());
    if (of.path("safe") instanceof ArrayNode each) {
      for (int i = 0; i < each.size(); i++) {
        each.set(i, fresh);
      }
    } else if (of.has("safe")) {
      of.set("safe", fresh);
    }
  }

  private static void third(ObjectNode state) {
    state.putObject("generated");
    withoutAgreement(state);
    each(state.path("tracks"), StateMigrations::withoutGenerated);
    each(state, "fast", StateMigrations::withoutGenerated);
  }

  /// Adds the fields for grading.
  private static void withoutGrades(ObjectNode of) {
    of.putObject("ungraded").put("canary", 0).put("baseline", 0);
  }

  /// Adds the fields for generated requests.
  private static void withoutGenerated(ObjectNode of) {
    of.set("generated", nothingJudged());
  }

  private static JsonNode nothingJudged() {
    return AnalysisState.tree(AnalysisEvidence.Judged.NONE);
  }

  /// Adds the fields for mirrored requests.
  private static void withoutAgreement(ObjectNode of) {
    of.putObject("agreement")
        .put("pairs", 0)
        .put("similarity", 0.0)
        .put("greedy", 0)
        .put("identical", 0);
  }

  private static void second(ObjectNode state) {
    each(state.path("tracks"), track -> track.put("applies", true));
    each(state, "allocation", allocation -> allocation.put("split", "known"));
    state.putNull("fast");
    state
        .putObject("history")
        .put("everyMillis", state.path("plan").path("sliceMillis").asLong())
        .putArray("moments");
  }

  /// Evidence of version 1 to 5.
  static JsonNode evidence(JsonNode tree, int version) {
    if (!(tree.deepCopy() instanceof ObjectNode evidence)) {
      return tree;
    }
    if (version == 1) {
      each(evidence.path("metrics"), metric -> metric.put("applies", true));
      each(evidence, "allocation", allocation -> allocation.put("split", "known"));
      evidence.putArray("history");
    }
    if (version < 3) {
      evidence.putObject("generated");
      withoutAgreement(evidence);
      each(evidence.path("metrics"), StateMigrations::withoutGenerated);
    }
    if (version < 4) {
      each(evidence.path("metrics"), StateMigrations::withoutGrades);
    }
    each(evidence.path("metrics"), metric -> metric.putNull("learnedDivisor"));
    evidence.put("releaseElapsedMillis", evidence.path("stepElapsedMillis").asLong());
    evidence.putNull("ramp");
    evidence.put("version", AnalysisEvidence.VERSION);
    return evidence;
  }

  /// A plan from before ramps, from before grading, or from before dry runs.
  static JsonNode plan(JsonNode tree) {
    if (!(tree.deepCopy() instanceof ObjectNode plan)) {
      return tree;
    }
    if (!plan.has("steps")) {
      each(plan.path("metrics"), metric -> metric.put("dryRun", false));
      plan.putNull("calibration");
      plan.putObject("steps");
    }
    if (!plan.has("gradeMillis")) {
      plan.put("gradeMillis", 0).put("gradedShare", 0.0);
    }
    plan.put("dispersionLearned", false);
    plan.put("proof", "step").putNull("ramp").putNull("maxDurationMillis");
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
