// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What an engine reported about itself. What is not in it is not known, which is never the same as
/// zero or as full.
///
/// @param version in the engine's words
/// @param values what it told, by signal
/// @param asleep whether it has let go of its weights until somebody wants them
/// @param missing metrics that its version should have and did not show, by their names there
/// @param note why something is not known, one line; empty when all is
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
