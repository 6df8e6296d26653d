// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot.metric;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Adds the names that an earlier version used to a page of `/metrics`, for one version. The list
/// of all retired names is `retired-names.tsv` of module `model`; a test compares the two.
public final class RetiredMetrics {
  private static final Map<Metric, String> NAMES =
      Map.of(
          Metric.IN_FLIGHT, "weir_inflight",
          Metric.BREAKER_OPENED, "weir_ejections_total",
          Metric.ADAPTIVE_LIMITED, "weir_admission_limited",
          Metric.TABLE_OVERFLOW, "weir_control_left_out");

  /// Old names of labels, by the new names.
  private static final Map<Metric, Map<String, String>> LABELS =
      Map.of(Metric.API_STREAMS, Map.of("type", "sort"));

  private static final Map<String, Metric> BY_NAME =
      Stream.concat(NAMES.keySet().stream(), LABELS.keySet().stream())
          .distinct()
          .collect(toUnmodifiableMap(Metric::exposedName, identity()));

  private static final int HEAD_LENGTH = "# HELP ".length();

  private RetiredMetrics() {}

  /// The name that an earlier version used.
  public static Optional<String> nameOf(Metric metric) {
    return Optional.ofNullable(NAMES.get(metric));
  }

  /// The old names of labels of a metric, by the new names.
  public static Map<String, String> labelsOf(Metric metric) {
    return LABELS.getOrDefault(metric, Map.of());
  }

  /// The page with each renamed metric and each renamed label under both names.
  ///
  /// @param page in Prometheus' text format 0.0.4
  public static String addedTo(String page) {
    StringBuilder present = new StringBuilder(page.length());
    StringBuilder retired = new StringBuilder();
    page.lines()
        .forEach(line -> {
          Metric renamed = BY_NAME.get(name(line));
          present.append(renamed == null ? line : withOldLabels(line, renamed)).append('\n');
          if (renamed != null && NAMES.containsKey(renamed)) {
            retired.append(underOldName(line, renamed)).append('\n');
          }
        });
    return present.append(retired).toString();
  }

  /// The metric that a line is about: `# HELP name ...`, `# TYPE name ...`, `name{...} 1`, `name
  /// 1`.
  private static String name(String line) {
    String rest = line.startsWith("# ") ? line.substring(HEAD_LENGTH) : line;
    int end = 0;
    while (end < rest.length() && rest.charAt(end) != ' ' && rest.charAt(end) != '{') {
      end++;
    }
    return rest.substring(0, end);
  }

  private static String underOldName(String line, Metric metric) {
    String old = NAMES.getOrDefault(metric, "");
    return line.startsWith("# HELP ")
        ? "# HELP " + old + " Retired: use " + metric.exposedName()
        : line.replaceFirst(metric.exposedName(), old);
  }

  private static String withOldLabels(String line, Metric metric) {
    String added = line;
    for (Map.Entry<String, String> label : labelsOf(metric).entrySet()) {
      added =
          added.replaceFirst(
              "([{,])" + label.getKey() + "=(\"[^\"]*\")",
              "$1" + label.getValue() + "=$2," + label.getKey() + "=$2");
    }
    return added;
  }
}
