// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.sequential.SliceCounts;

/// The input of [ReleaseMetric#FAST_ERROR][dev.weir.analysis.metric.ReleaseMetric#FAST_ERROR]: half
/// a second of arrivals at one gateway, reported when each is older than a second, so that it is
/// final.
///
/// @param ordinal position in the order of consumption, strictly increasing
/// @param startMillis start, on the clock of the looks
/// @param endMillis end, on the same clock
/// @param rho the canary weight that the router actually used, in (0, 1)
/// @param stratum source of its requests
/// @param counts requests, and those that failed within a second: without a first token, or as a
///   stream that was cut
public record FastSlice(
    long ordinal,
    long startMillis,
    long endMillis,
    double rho,
    Stratum stratum,
    SliceCounts counts) {
  public FastSlice {
    if (ordinal < 0 || endMillis < startMillis) {
      throw new IllegalArgumentException(
          "a fast slice needs an ordinal >= 0 and an end after its start but has %d, %d, %d"
              .formatted(ordinal, startMillis, endMillis));
    }
    if (!(rho > 0 && rho < 1)) {
      throw new IllegalArgumentException("rho must be in (0, 1) but is " + rho);
    }
  }

  /// A slice of client requests.
  public FastSlice(long ordinal, long startMillis, long endMillis, double rho, SliceCounts counts) {
    this(ordinal, startMillis, endMillis, rho, Stratum.CLIENTS, counts);
  }

  /// Whether it counts for the promotion of a step; see [Cohort#belongsTo].
  boolean belongsTo(AnalysisState.Step step) {
    boolean fits = stratum.splitInHalves() || Math.abs(rho - step.weight()) < Cohort.SAME_WEIGHT;
    return fits && startMillis >= step.startedMillis();
  }
}
