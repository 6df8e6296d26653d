// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.model.Resource;
import dev.weir.model.Service;
import dev.weir.model.spec.ReleaseSpec.MetricSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Warns of Services whose releases have no gating metric.
public final class UnguardedServices {
  private UnguardedServices() {}

  /// One line for each such Service.
  public static List<String> warnings(List<Resource> set) {
    return set.stream()
        .filter(resource -> resource instanceof Service service && !guarded(service))
        .map(resource ->
            "spec.release.analysis.metrics: no metric is gating, so a new version of "
                + resource.metadata().name()
                + " gets all traffic without proof; set `gating: true` for at least `error`")
        .toList();
  }

  private static boolean guarded(Service service) {
    Map<String, MetricSpec> overrides = service.spec().release().analysis().metrics();
    return AnalysisPlan.defaults().metrics().entrySet().stream()
        .anyMatch(metric -> gates(overrides, metric.getKey(), metric.getValue().gating()));
  }

  private static boolean gates(
      Map<String, MetricSpec> overrides, ReleaseMetric metric, boolean otherwise) {
    return overrides.entrySet().stream()
        .filter(override -> ReleaseMetric.named(override.getKey()).equals(Optional.of(metric)))
        .flatMap(override -> override.getValue().gating().stream())
        .findFirst()
        .orElse(otherwise);
  }
}
