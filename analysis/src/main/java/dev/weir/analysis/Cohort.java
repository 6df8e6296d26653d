// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.Observation;
import java.util.List;

/// One *closed* arrival slice of one gateway, with both arms. No request is added after closing,
/// but the outcomes of its requests are updated until each metric has consumed it.
///
/// @param id unique in the rollout: gateway / boot / snapshot sequence / slice
/// @param ordinal position in the order of consumption: strictly increasing in the order in which
///   the control plane accepted the slices, which is sequence order for each gateway
/// @param startMillis start of the slice, on the clock of `nowMillis`; derive it from the age that
///   the gateway reports, never from the gateway's wall clock
/// @param endMillis time of closing, on the same clock
/// @param rho the canary weight that the router actually used, in (0, 1); a change of weight closes
///   the slice
/// @param reportedUntilMillis time up to which the gateway has reported the outcomes of its
///   requests, on the same clock. [#ALL_REPORTED] if no reports are outstanding
/// @param sessionsEndMillis time until which further requests of its sessions may arrive and count
///   with them, on the same clock; `endMillis` without sessions. The cohort is not evaluated before
/// @param stratum source of its requests
/// @param observations one entry for each request that arrived in the slice and is the first of its
///   session or has no session. Requests without an outcome are included as `PENDING` from the
///   first offer on: a cohort of finished requests only would favour the faster arm
public record Cohort(
    String id,
    long ordinal,
    long startMillis,
    long endMillis,
    double rho,
    long reportedUntilMillis,
    long sessionsEndMillis,
    Stratum stratum,
    List<Observation> observations) {

  /// Weights that differ by less are equal up to rounding.
  static final double SAME_WEIGHT = 1e-9;

  /// No reports are outstanding.
  public static final long ALL_REPORTED = Long.MAX_VALUE;

  public Cohort {
    if (id.isBlank()) {
      throw new IllegalArgumentException("a cohort needs an id");
    }
    if (ordinal < 0) {
      throw new IllegalArgumentException("cohort ordinal must not be negative but is " + ordinal);
    }
    if (endMillis < startMillis) {
      throw new IllegalArgumentException(
          "cohort %s ends (%d) before it starts (%d)".formatted(id, endMillis, startMillis));
    }
    if (sessionsEndMillis < endMillis) {
      throw new IllegalArgumentException(
          "cohort %s can be joined until %d, before it ends (%d)"
              .formatted(id, sessionsEndMillis, endMillis));
    }
    if (!(rho > 0 && rho < 1)) {
      throw new IllegalArgumentException(
          "cohort %s: rho must be in (0, 1) but is %s".formatted(id, rho));
    }
    observations = List.copyOf(observations);
  }

  /// A cohort of client requests without open sessions.
  public Cohort(
      String id,
      long ordinal,
      long startMillis,
      long endMillis,
      double rho,
      long toldMillis,
      List<Observation> observations) {
    this(id, ordinal, startMillis, endMillis, rho, toldMillis, Stratum.CLIENTS, observations);
  }

  /// A cohort without open sessions.
  public Cohort(
      String id,
      long ordinal,
      long startMillis,
      long endMillis,
      double rho,
      long toldMillis,
      Stratum stratum,
      List<Observation> observations) {
    this(id, ordinal, startMillis, endMillis, rho, toldMillis, endMillis, stratum, observations);
  }

  /// Whether no further request can join, given complete reports up to a time.
  boolean isComplete(long knownMillis) {
    return sessionsEndMillis == endMillis || knownMillis >= sessionsEndMillis;
  }

  /// A copy with outcomes reported up to a later time.
  public Cohort withReportedUntil(long millis) {
    return new Cohort(
        id, ordinal, startMillis, endMillis, rho, millis, sessionsEndMillis, stratum, observations);
  }

  /// Whether any request in it is not streamed.
  boolean anyInOnePiece() {
    for (Observation unit : observations) {
      for (Observation observation : unit.requests()) {
        if (observation.form().notStreamed()) {
          return true;
        }
      }
    }
    return false;
  }

  /// Whether that weight split it, up to rounding.
  boolean hasWeight(double weight) {
    return Math.abs(rho - weight) < SAME_WEIGHT;
  }

  /// Whether it counts for the promotion of a step: the step's weight splits client requests, while
  /// generated and mirrored requests are always split in halves.
  boolean belongsTo(AnalysisState.Step step) {
    return (stratum.splitInHalves() || hasWeight(step.weight()))
        && startMillis >= step.startedMillis();
  }
}
