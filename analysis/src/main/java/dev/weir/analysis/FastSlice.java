// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.sequential.SliceCounts;

/// What [ReleaseMetric#FAST_ERROR] sees: half a second of arrivals of one gateway, told when each
/// of them was older than a second, so that nothing can be added to it any more.
///
/// @param ordinal place in the order of consumption, strictly increasing
/// @param startMillis when it began, on the clock of the looks
/// @param endMillis when it ended
/// @param rho the canary weight that the router really used, in (0, 1)
/// @param stratum where its requests come from
/// @param counts requests, and those that failed without a first token within a second
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

  /// One of clients' requests.
  public FastSlice(long ordinal, long startMillis, long endMillis, double rho, SliceCounts counts) {
    this(ordinal, startMillis, endMillis, rho, Stratum.CLIENTS, counts);
  }

  /// Whether it counts for the promotion of a step; see [Cohort#belongsTo].
  boolean belongsTo(AnalysisState.Step step) {
    boolean fits = stratum.halved() || Math.abs(rho - step.weight()) < Cohort.SAME_WEIGHT;
    return fits && startMillis >= step.startedMillis();
  }
}
