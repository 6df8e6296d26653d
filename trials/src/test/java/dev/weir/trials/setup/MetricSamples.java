// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.setup;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A metrics page in the Prometheus text format.
public record MetricSamples(String text) {
  private static final Pattern SAMPLE =
      Pattern.compile("^([a-z_:]+)(?:\\{[^}]*})? ([0-9.E+-]+)$", Pattern.MULTILINE);

  public static MetricSamples ofGateway(WeirProcess weir) throws IOException, InterruptedException {
    return at(weir, weir.gateway());
  }

  public static MetricSamples ofControl(WeirProcess weir) throws IOException, InterruptedException {
    return at(weir, weir.control());
  }

  /// The page of any server, such as an engine.
  ///
  /// @param weir whose HTTP client is used
  /// @param url of the server, without a path
  public static MetricSamples at(WeirProcess weir, String url)
      throws IOException, InterruptedException {
    return new MetricSamples(weir.get(url + "/metrics", Map.of()).body());
  }

  /// The sum of all samples whose lines start with `prefix`, each rounded to a whole number.
  public long sum(String prefix) {
    return sum(prefix, "");
  }

  /// The sum of all samples whose lines start with `prefix` and contain `label`, each rounded to a
  /// whole number.
  public long sum(String prefix, String label) {
    return text.lines()
        .filter(line -> line.startsWith(prefix) && line.contains(label))
        .mapToLong(line -> Math.round(Double.parseDouble(line.substring(line.lastIndexOf(' ')))))
        .sum();
  }

  /// The sum of the samples of each metric, by its name.
  public Map<String, Double> sums() {
    Map<String, Double> sums = new TreeMap<>();
    Matcher sample = SAMPLE.matcher(text);
    while (sample.find()) {
      sums.merge(sample.group(1), Double.parseDouble(sample.group(2)), Double::sum);
    }
    return sums;
  }
}
