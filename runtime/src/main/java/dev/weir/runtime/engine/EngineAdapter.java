// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import dev.weir.model.engine.EngineLoadMetric;
import dev.weir.model.engine.EngineMetric;
import dev.weir.model.engine.EngineProfile;
import dev.weir.runtime.engine.LoadSource.LoadedModels;
import dev.weir.runtime.engine.LoadSource.Metrics;
import dev.weir.runtime.engine.LoadSource.Untold;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The paths at which an engine reports its state, for all versions that its profile describes.
///
/// @param healthPath returns 200 when healthy and 503 while loading
/// @param versionPaths paths of JSON objects with the version, newer paths first; empty if not
///   reported
/// @param versionField field of the version in these objects
/// @param sleepPath path of a JSON object that shows whether the engine sleeps; not every server
///   has it
/// @param sleepField boolean field of this object
/// @param load source of the load
public record EngineAdapter(
    String healthPath,
    List<String> versionPaths,
    String versionField,
    Optional<String> sleepPath,
    String sleepField,
    LoadSource load) {
  public EngineAdapter {
    versionPaths = List.copyOf(versionPaths);
  }

  /// Reads an engine as its profile describes it.
  public static EngineAdapter of(EngineProfile profile) {
    return new EngineAdapter(
        profile.healthPath(),
        profile.versionPaths(),
        profile.versionField(),
        Optional.of(profile.sleepPath()).filter(path -> !path.isEmpty()),
        profile.sleepField(),
        load(profile));
  }

  private static LoadSource load(EngineProfile profile) {
    if (!profile.loadedModelsPath().isEmpty()) {
      return new LoadedModels(profile.loadedModelsPath());
    }
    return profile.metrics().isEmpty()
        ? new Untold()
        : new Metrics(
            profile.metricsPath(),
            names(profile.metrics()),
            profile.metricsPartLabels(),
            profile.metricsHint());
  }

  private static Map<EngineLoadMetric, List<MetricName>> names(
      Map<EngineLoadMetric, List<EngineMetric>> metrics) {
    Map<EngineLoadMetric, List<MetricName>> names = new EnumMap<>(EngineLoadMetric.class);
    metrics.forEach(
        (signal, known) -> names.put(signal, known.stream().map(MetricName::of).toList()));
    return names;
  }
}
