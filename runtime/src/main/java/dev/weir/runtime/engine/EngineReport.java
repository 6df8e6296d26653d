// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import dev.weir.model.engine.EngineLoadMetric;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A report of an engine. A missing value is unknown; it does not mean zero or full.
///
/// @param version as the engine reports it
/// @param values the reported values by metric
/// @param asleep whether it has unloaded its weights until the next request
/// @param missing names of metrics that its version should report but does not
/// @param note why values are unknown, one line; empty if all are known
public record EngineReport(
    Optional<String> version,
    Map<EngineLoadMetric, Double> values,
    Optional<Boolean> asleep,
    List<String> missing,
    String note) {
  public EngineReport {
    values = Map.copyOf(values);
    missing = List.copyOf(missing);
  }

  public Optional<Double> value(EngineLoadMetric signal) {
    return Optional.ofNullable(values.get(signal));
  }
}
