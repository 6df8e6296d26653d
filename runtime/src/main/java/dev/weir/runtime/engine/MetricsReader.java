// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import dev.weir.model.engine.EngineLoadMetric;
import dev.weir.runtime.engine.LoadSource.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Creates a report from an engine's metrics page or from its absence.
public final class MetricsReader {
  private MetricsReader() {}

  /// @param asleep the state from another source; the metrics take precedence
  public static EngineReport read(
      Metrics source, String text, Optional<String> version, Optional<Boolean> asleep) {
    Map<EngineLoadMetric, Double> values =
        MetricsText.read(text, source.names(), source.partLabels());
    List<String> missing = missing(source, values, version);
    Optional<Boolean> asleepByMetric =
        Optional.ofNullable(values.get(EngineLoadMetric.AWAKE)).map(awake -> awake < 1);
    return new EngineReport(version, values, asleepByMetric.or(() -> asleep), missing, "");
  }

  /// @param why why the page is not available, one line
  public static EngineReport absent(
      Metrics source, String why, Optional<String> version, Optional<Boolean> asleep) {
    String note =
        source.advice().isEmpty()
            ? why
            : "%s; %s, or configure the proxy in front of it to forward %s"
                .formatted(why, source.advice(), source.path());
    return new EngineReport(version, Map.of(), asleep, missing(source, Map.of(), version), note);
  }

  private static List<String> missing(
      Metrics source, Map<EngineLoadMetric, Double> values, Optional<String> version) {
    Optional<EngineVersion> known = version.flatMap(EngineVersion::parse);
    List<String> missing = new ArrayList<>();
    for (EngineLoadMetric signal : EngineLoadMetric.values()) {
      List<String> expected =
          source.names().getOrDefault(signal, List.of()).stream()
              .filter(name -> name.expectedOf(known))
              .map(MetricName::name)
              .toList();
      if (signal.expected() && !values.containsKey(signal) && !expected.isEmpty()) {
        missing.add(String.join(" or ", expected));
      }
    }
    return missing;
  }
}
