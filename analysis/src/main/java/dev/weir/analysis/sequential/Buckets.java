// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.List;

/// The non-empty buckets of a [LogHistogram], as in JSON and telemetry slices.
///
/// @param indexes bucket numbers, strictly increasing, in `[0, LogHistogram.BUCKETS)`
/// @param weights their contents, each positive (a count, or a decayed count)
/// @param total the total, decayed alike; stored separately because sums of doubles round
public record Buckets(List<Integer> indexes, List<Double> weights, double total) {

  public Buckets {
    indexes = List.copyOf(indexes);
    weights = List.copyOf(weights);
    if (indexes.size() != weights.size()) {
      throw new IllegalArgumentException(
          "%d bucket indexes but %d weights".formatted(indexes.size(), weights.size()));
    }
    int previous = -1;
    for (int index : indexes) {
      if (index <= previous || index >= LogHistogram.BUCKETS) {
        throw new IllegalArgumentException(
            "bucket indexes must increase below %d but %d follows %d"
                .formatted(LogHistogram.BUCKETS, index, previous));
      }
      previous = index;
    }
    for (double weight : weights) {
      requireFinite("bucket weight", weight);
    }
    requireFinite("total", total);
  }

  /// No data.
  public static Buckets empty() {
    return new Buckets(List.of(), List.of(), 0);
  }

  private static void requireFinite(String name, double value) {
    if (!(value >= 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(name + " must be a number >= 0 but is " + value);
    }
  }
}
