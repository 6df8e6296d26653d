// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import java.util.Map;
import java.util.Optional;

/// A current or former name of a metric in an engine's `/metrics`.
///
/// @param labels the labels that a series must have
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

  static MetricName always(String name) {
    return new MetricName(name, Map.of(), Optional.empty(), Optional.empty());
  }

  static MetricName since(String version, String name) {
    return new MetricName(name, Map.of(), EngineVersion.parse(version), Optional.empty());
  }

  static MetricName until(String version, String name) {
    return new MetricName(name, Map.of(), Optional.empty(), EngineVersion.parse(version));
  }

  MetricName where(String label, String value) {
    return new MetricName(name, Map.of(label, value), since, until);
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
