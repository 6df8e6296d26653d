// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import dev.weir.model.engine.EngineMetric;
import java.util.Map;
import java.util.Optional;

/// A current or former name of a metric in an engine's `/metrics`.
///
/// @param labels values that a series must have; an empty value also matches a missing label
/// @param since the first version with the name; empty if all known versions have it
/// @param until the first version without the name; empty for a current name
public record MetricName(
    String name,
    Map<String, String> labels,
    Optional<EngineVersion> since,
    Optional<EngineVersion> until) {
  public MetricName {
    labels = Map.copyOf(labels);
  }

  static MetricName of(EngineMetric metric) {
    return new MetricName(
        metric.name(),
        metric.labels(),
        metric.since().flatMap(EngineVersion::parse),
        metric.until().flatMap(EngineVersion::parse));
  }

  /// Whether a version should have the name. An unknown version should have the current names.
  boolean expectedOf(Optional<EngineVersion> version) {
    return version
        .map(it ->
            since.map(first -> it.compareTo(first) >= 0).orElse(true)
                && until.map(removed -> it.compareTo(removed) < 0).orElse(true))
        .orElse(until.isEmpty());
  }
}
