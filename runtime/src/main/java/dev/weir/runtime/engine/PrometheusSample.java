// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// One line of the Prometheus text format: `name{label="value",...} value [timestamp]`.
record PrometheusSample(String name, Map<String, String> labels, double value) {
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*+)\"[,\\s]*+");

  PrometheusSample {
    labels = Map.copyOf(labels);
  }

  /// Empty for comments and invalid lines.
  static Optional<PrometheusSample> parse(String line) {
    int end = line.indexOf('{');
    int space = line.indexOf(' ');
    boolean labelled = end >= 0 && (space < 0 || end < space);
    if (line.startsWith("#") || space < 0) {
      return Optional.empty();
    }
    Map<String, String> labels = new HashMap<>();
    int at = labelled ? labels(line, end + 1, labels) : space;
    return at < 0
        ? Optional.empty()
        : number(line.substring(at).strip())
            .map(value ->
                new PrometheusSample(line.substring(0, labelled ? end : space), labels, value));
  }

  /// @return the end of the labels, or -1
  private static int labels(String line, int from, Map<String, String> into) {
    Matcher label = LABEL.matcher(line);
    int at = from;
    while (label.region(at, line.length()).lookingAt()) {
      into.put(label.group(1), label.group(2));
      at = label.end();
    }
    return at < line.length() && line.charAt(at) == '}' ? at + 1 : -1;
  }

  private static Optional<Double> number(String text) {
    try {
      return Optional.of(Double.parseDouble(text.split("\\s", 2)[0]));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /// Whether it has these labels; to Prometheus an empty label is a missing one.
  boolean fits(Map<String, String> wanted) {
    return wanted.entrySet().stream()
        .allMatch(entry -> entry.getValue().equals(label(entry.getKey())));
  }

  /// The part of the engine that it belongs to.
  ///
  /// @param partLabels labels that identify a part
  String part(List<String> partLabels) {
    return partLabels.stream().map(this::label).collect(Collectors.joining("/"));
  }

  private String label(String name) {
    return labels.getOrDefault(name, "");
  }
}
