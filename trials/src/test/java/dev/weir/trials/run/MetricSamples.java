// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.run;

/// Figures out of a page in Prometheus' text format.
public final class MetricSamples {
  private MetricSamples() {}

  /// The sum of all samples whose lines begin so, rounded to whole ones.
  public static long sum(String metrics, String beginning) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(beginning))
        .mapToLong(line -> Math.round(Double.parseDouble(line.substring(line.lastIndexOf(' ')))))
        .sum();
  }
}
