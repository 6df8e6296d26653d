// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Instant;
import java.util.List;

/// What one decision about a Rollout was made from; kept for ever.
///
/// @param sequence 1, 2, 3 ... within the rollout
/// @param step index of the step it was made in, -1 before the first
/// @param weight canary weight then, in percent
/// @param verdict `Promote`, `Revert`, `Inconclusive`, `Hold`, `Guard`, `Manual`
/// @param reason one sentence for people
/// @param decidedBy metrics or guards that decided
/// @param flags data-quality remarks, for example `dispersion assumed 15`
/// @param replay the plan and the numbers as the analysis module wrote them: the same numbers give
///   the same decision
public record Evidence(
    String rollout,
    int sequence,
    Instant at,
    int step,
    double weight,
    String verdict,
    String reason,
    @Default("[]") List<String> decidedBy,
    @Default("[]") List<MetricEvidence> metrics,
    @Default("[]") List<String> flags,
    @Default("") String replay) {
  public Evidence {
    decidedBy = List.copyOf(decidedBy);
    metrics = List.copyOf(metrics);
    flags = List.copyOf(flags);
  }

  /// One metric's numbers. Rates are fractions of one, latencies seconds.
  ///
  /// @param canaryValue the metric on the canary (a rate, or the median latency)
  /// @param harmLogE natural log of the evidence for harm; at `harmThreshold` it reverts
  /// @param safeLogE the smallest natural log of the evidence for safety; at `safeThreshold` it
  ///   passes
  public record MetricEvidence(
      String metric,
      boolean gating,
      long canaryCount,
      long canaryBad,
      long baselineCount,
      long baselineBad,
      double canaryValue,
      double baselineValue,
      double tolerance,
      double margin,
      double harmLogE,
      double harmThreshold,
      double safeLogE,
      double safeThreshold) {}
}
