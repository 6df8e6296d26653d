// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.engine;

import dev.weir.model.value.Default;
import dev.weir.model.value.GeneratedTraffic.ProbeApi;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The fields of an [EngineProfile] that a manifest, or an entry of `engines.yaml`, names. The
/// built-in engine of the same type, or the default profile, provides the other fields.
///
/// @param metrics replaces names one figure at a time
public record EngineProfileSpec(
    Optional<List<EngineApi>> apis,
    Optional<List<ResumeMethod>> resume,
    Optional<Integer> completionTokens,
    Optional<ErrorPatterns> contextTooLong,
    Optional<String> healthPath,
    Optional<Boolean> upOnClientError,
    Optional<List<String>> versionPaths,
    Optional<String> versionField,
    Optional<String> sleepPath,
    Optional<String> sleepField,
    Optional<ProbeApi> probe,
    Optional<String> loadedModelsPath,
    Optional<String> metricsPath,
    @Default("{}") Map<EngineLoadMetric, List<EngineMetric>> metrics,
    Optional<List<String>> metricsPartLabels,
    Optional<String> metricsHint) {
  public EngineProfileSpec {
    apis = apis.map(List::copyOf);
    resume = resume.map(List::copyOf);
    versionPaths = versionPaths.map(List::copyOf);
    metrics = Map.copyOf(metrics);
    metricsPartLabels = metricsPartLabels.map(List::copyOf);
  }
}
