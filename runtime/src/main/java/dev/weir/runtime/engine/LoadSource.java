// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Where a type of engine reports its load.
public sealed interface LoadSource {
  /// In Prometheus' text format.
  ///
  /// @param names of each signal, those of newer versions first
  /// @param advice what switches them on, said when they are not there; empty when nothing does
  record Metrics(String path, Map<EngineLoadMetric, List<MetricName>> names, String advice)
      implements LoadSource {
    public Metrics {
      Map<EngineLoadMetric, List<MetricName>> copy = new EnumMap<>(EngineLoadMetric.class);
      names.forEach((signal, known) -> copy.put(signal, List.copyOf(known)));
      names = Map.copyOf(copy);
    }
  }

  /// As the list of the models that are in memory; no figures.
  record LoadedModels(String path) implements LoadSource {}

  /// Nowhere.
  record Untold() implements LoadSource {}
}
