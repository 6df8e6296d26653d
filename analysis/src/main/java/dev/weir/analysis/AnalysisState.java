// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.Buckets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The JSON form of a [CanaryAnalysis]. Doubles round-trip exactly.
record AnalysisState(
    int version,
    long stateVersion,
    AnalysisPlan plan,
    double alpha,
    Optional<Step> step,
    Optional<Long> begunMillis,
    double highestWeight,
    Map<ReleaseMetric, MetricTracker.State> tracks,
    Optional<FastErrorTracker.State> fast,
    Optional<RampTracker.State> ramp,
    AllocationWatch.State allocation,
    Map<Stratum, AllocationWatch.State> generated,
    Agreement agreement,
    Buckets endToEnd,
    List<OpenCohort> open,
    EvidenceHistory.State history,
    long lastOrdinal,
    long doneCohorts,
    long missingCohorts) {

  /// The current version of the JSON form.
  static final int VERSION = 8;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  /// @param step number of the step
  /// @param weight its canary weight
  /// @param startedMillis when it started
  record Step(int step, double weight, long startedMillis) {}

  static AnalysisState read(String json) {
    try {
      JsonNode tree = JSON.readTree(json);
      int version = tree.path("version").asInt(0);
      return JSON.treeToValue(
          switch (version) {
            case VERSION -> tree;
            case 1, 2, 3, 4, 5, 6, 7 -> StateMigrations.state(tree, version);
            default ->
                throw new IllegalArgumentException(
                    "analysis state has version %d, this program reads versions 1 to %d"
                        .formatted(version, VERSION));
          },
          AnalysisState.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not an analysis state: " + e.getOriginalMessage(), e);
    }
  }

  /// A part of a state as JSON.
  static JsonNode tree(Object part) {
    return JSON.valueToTree(part);
  }

  String write() {
    return JSON.writeValueAsString(this);
  }

  static AnalysisEvidence readEvidence(String json) {
    try {
      JsonNode tree = JSON.readTree(json);
      int version = tree.path("version").asInt(0);
      boolean former = version >= 1 && version < AnalysisEvidence.VERSION;
      return JSON.treeToValue(
          former ? StateMigrations.evidence(tree, version) : tree, AnalysisEvidence.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not evidence: " + e.getOriginalMessage(), e);
    }
  }

  static AnalysisPlan readPlan(String json) {
    try {
      JsonNode tree = JSON.readTree(json);
      return JSON.treeToValue(
          tree.has("proof") ? tree : StateMigrations.plan(tree), AnalysisPlan.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not a plan: " + e.getOriginalMessage(), e);
    }
  }

  static String writeEvidence(AnalysisEvidence evidence) {
    return JSON.writeValueAsString(evidence);
  }
}
