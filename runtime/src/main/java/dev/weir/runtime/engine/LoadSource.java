// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import dev.weir.model.engine.EngineLoadMetric;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// The source of an engine type's load.
public sealed interface LoadSource {
  /// Metrics in the Prometheus text format.
  ///
  /// @param names the names of each metric, newer versions first
  /// @param partLabels labels that identify a part of the engine
  /// @param advice how to enable the metrics, for messages; empty if they cannot be enabled
  record Metrics(
      String path,
      Map<EngineLoadMetric, List<MetricName>> names,
      List<String> partLabels,
      String advice)
      implements LoadSource {
    public Metrics {
      partLabels = List.copyOf(partLabels);
      Map<EngineLoadMetric, List<MetricName>> copy = new EnumMap<>(EngineLoadMetric.class);
      names.forEach((signal, known) -> copy.put(signal, List.copyOf(known)));
      names = Map.copyOf(copy);
    }
  }

  /// A list of loaded models, without numbers.
  record LoadedModels(String path) implements LoadSource {}

  /// No source.
  record Untold() implements LoadSource {}
}
