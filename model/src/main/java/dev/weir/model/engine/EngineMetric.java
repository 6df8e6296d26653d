// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.engine;

import dev.weir.model.value.Default;
import java.util.Map;
import java.util.Optional;

/// The name of a figure in an engine's metrics, and the engine versions that have it.
///
/// @param labels values that a series must have; an empty value also matches a missing label
/// @param since the first engine version with this name; empty for every version before `until`
/// @param until the first engine version without this name; empty for the newest version
public record EngineMetric(
    String name,
    @Default("{}") Map<String, String> labels,
    Optional<String> since,
    Optional<String> until) {
  public EngineMetric {
    labels = Map.copyOf(labels);
  }
}
