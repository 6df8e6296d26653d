// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.engine;

import dev.weir.model.value.GeneratedTraffic.ProbeApi;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Everything that Weir knows about an engine: what gateways may send to it, how control planes
/// probe it and where it reports its load. Paths are absolute; an empty path means that the engine
/// has none.
///
/// @param apis the paths that clients may call
/// @param resume how a broken stream can be continued; empty for never
/// @param completionTokens tokens after which a completion without a limit ends; 0 for no such
///   limit
/// @param contextTooLong how the error for a request with too many tokens is recognised
/// @param healthPath answers 200 when the engine is healthy and 503 while it loads
/// @param upOnClientError whether a 4xx answer of `healthPath` means that the engine is up
/// @param versionPaths JSON objects with the engine's version, paths of newer versions first
/// @param versionField the field of these objects that contains the version
/// @param sleepPath a JSON object that shows whether the engine sleeps
/// @param sleepField the boolean field of this object
/// @param probe the API that is called first to verify that the engine generates
/// @param loadedModelsPath the list of the models in memory, as Ollama's `/api/ps`; replaces
///   metrics
/// @param metricsPath metrics in Prometheus' text format
/// @param metrics names of each figure, names of newer versions first
/// @param metricsPartLabels labels that identify a part of the engine, such as a data-parallel rank
/// @param metricsHint how an operator enables the metrics; empty if nothing enables them
public record EngineProfile(
    List<EngineApi> apis,
    List<ResumeMethod> resume,
    int completionTokens,
    ErrorPatterns contextTooLong,
    String healthPath,
    boolean upOnClientError,
    List<String> versionPaths,
    String versionField,
    String sleepPath,
    String sleepField,
    ProbeApi probe,
    String loadedModelsPath,
    String metricsPath,
    Map<EngineLoadMetric, List<EngineMetric>> metrics,
    List<String> metricsPartLabels,
    String metricsHint) {
  public EngineProfile {
    apis = List.copyOf(apis);
    resume = List.copyOf(resume);
    versionPaths = List.copyOf(versionPaths);
    metrics = Map.copyOf(metrics);
    metricsPartLabels = List.copyOf(metricsPartLabels);
  }

  /// This profile with the fields that `spec` names. Metrics are replaced one figure at a time.
  public EngineProfile with(EngineProfileSpec spec) {
    return new EngineProfile(
        spec.apis().orElse(apis),
        spec.resume().orElse(resume),
        spec.completionTokens().orElse(completionTokens),
        spec.contextTooLong().orElse(contextTooLong),
        spec.healthPath().orElse(healthPath),
        spec.upOnClientError().orElse(upOnClientError),
        spec.versionPaths().orElse(versionPaths),
        spec.versionField().orElse(versionField),
        spec.sleepPath().orElse(sleepPath),
        spec.sleepField().orElse(sleepField),
        spec.probe().orElse(probe),
        spec.loadedModelsPath().orElse(loadedModelsPath),
        spec.metricsPath().orElse(metricsPath),
        merged(spec.metrics()),
        spec.metricsPartLabels().orElse(metricsPartLabels),
        spec.metricsHint().orElse(metricsHint));
  }

  private Map<EngineLoadMetric, List<EngineMetric>> merged(
      Map<EngineLoadMetric, List<EngineMetric>> named) {
    Map<EngineLoadMetric, List<EngineMetric>> merged = new EnumMap<>(EngineLoadMetric.class);
    merged.putAll(metrics);
    merged.putAll(named);
    return merged;
  }
}
