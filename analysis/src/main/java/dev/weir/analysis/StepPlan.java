// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.ReleaseMetric;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/// Overrides for one step. Only what it must prove may differ: one tolerance measures harm from the
/// first request to the last.
///
/// @param margins by metric
/// @param gating by metric
public record StepPlan(Map<ReleaseMetric, Double> margins, Map<ReleaseMetric, Boolean> gating) {
  /// No overrides.
  public static final StepPlan NONE = new StepPlan(Map.of(), Map.of());

  public StepPlan {
    margins = copy(margins);
    gating = copy(gating);
  }

  private static <V> Map<ReleaseMetric, V> copy(Map<ReleaseMetric, V> map) {
    Map<ReleaseMetric, V> copy = new EnumMap<>(ReleaseMetric.class);
    copy.putAll(map);
    return Collections.unmodifiableMap(copy);
  }

  MetricPlan applied(ReleaseMetric metric, MetricPlan plan) {
    return plan.withMargin(margins.getOrDefault(metric, plan.margin()))
        .withGating(gating.getOrDefault(metric, plan.gating()));
  }
}
