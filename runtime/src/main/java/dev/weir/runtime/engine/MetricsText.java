// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import dev.weir.model.engine.EngineLoadMetric;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Reads selected series from the Prometheus text format. Skips invalid lines.
///
/// Engines with data-parallel parts report a series for each part; the values are combined. Series
/// that the ranks of one part repeat count once.
final class MetricsText {
  private MetricsText() {}

  /// @param names by metric, newer versions first
  /// @param partLabels labels that identify a part of the engine
  static Map<EngineLoadMetric, Double> read(
      String text, Map<EngineLoadMetric, List<MetricName>> names, List<String> partLabels) {
    Map<EngineLoadMetric, Double> values = new EnumMap<>(EngineLoadMetric.class);
    names.forEach((signal, known) ->
        known.stream()
            .flatMap(name -> value(text, signal, name, partLabels).stream())
            .findFirst()
            .ifPresent(value -> values.put(signal, value)));
    return values;
  }

  private static Optional<Double> value(
      String text, EngineLoadMetric signal, MetricName name, List<String> partLabels) {
    Map<String, Double> parts = new TreeMap<>();
    text.lines()
        .filter(line -> line.startsWith(name.name()))
        .flatMap(line -> PrometheusSample.parse(line).stream())
        .filter(sample -> sample.name().equals(name.name()) && sample.fits(name.labels()))
        .filter(sample -> signal.plausible(sample.value()))
        .forEach(sample -> parts.merge(sample.part(partLabels), sample.value(), Math::max));
    return parts.values().stream().reduce(signal::join);
  }
}
