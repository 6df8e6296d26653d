// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import java.util.Map;
import java.util.Optional;

/// A name that a signal has, or had, in an engine's metrics.
///
/// @param labels what a series must have to count
/// @param since the first version with it; empty for as long as is known
/// @param until the first version without it; empty for a name of today
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

  /// Whether that version is known to have it; of an unknown version, what today's have is
  /// expected.
  boolean expectedOf(Optional<EngineVersion> version) {
    return version
        .map(it ->
            since.map(first -> it.compareTo(first) >= 0).orElse(true)
                && until.map(gone -> it.compareTo(gone) < 0).orElse(true))
        .orElse(until.isEmpty());
  }
}
