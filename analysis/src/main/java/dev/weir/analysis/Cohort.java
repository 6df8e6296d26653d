// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import java.util.List;

/// One *closed* arrival slice of one gateway, both arms: no request joins it any more, but what is
/// known of its requests is amended until each metric has consumed it.
///
/// @param id unique in the rollout: gateway / boot / snapshot sequence / slice
/// @param ordinal place in the order of consumption, strictly increasing in the order in which the
///   control plane accepted the slices (so in sequence order for each gateway)
/// @param startMillis when the slice began, on the clock that `nowMillis` of a look is on; derive
///   it from how long ago the gateway says it ended, never from the gateway's wall clock
/// @param endMillis when it was closed, on the same clock
/// @param rho the canary weight the router really used, in (0, 1); slices are cut when it changes
/// @param toldMillis up to when its gateway has told what became of its requests, on the same
///   clock; what ended later may not be known yet. [#ALL_TOLD] if nothing is on its way
/// @param joinMillis until when further requests of its sessions may arrive and count with them, on
///   the same clock; `endMillis` if there are none. Nothing is judged before
/// @param stratum where its requests come from
/// @param observations every request that arrived in it and is the first of its session or of none,
///   one entry each, from the first offer on: those without news as `PENDING`. A cohort that lists
///   only what has ended would be consumed in the order of completion, which favours whichever arm
///   answers faster
public record Cohort(
    String id,
    long ordinal,
    long startMillis,
    long endMillis,
    double rho,
    long toldMillis,
    long joinMillis,
    Stratum stratum,
    List<Observation> observations) {

  /// Weights that differ by less are one weight, rounded.
  static final double SAME_WEIGHT = 1e-9;

  /// Nothing is on its way.
  public static final long ALL_TOLD = Long.MAX_VALUE;

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
    if (joinMillis < endMillis) {
      throw new IllegalArgumentException(
          "cohort %s can be joined until %d, before it ends (%d)"
              .formatted(id, joinMillis, endMillis));
    }
    if (!(rho > 0 && rho < 1)) {
      throw new IllegalArgumentException(
          "cohort %s: rho must be in (0, 1) but is %s".formatted(id, rho));
    }
    observations = List.copyOf(observations);
  }

  /// One of clients' requests, without sessions that may grow.
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

  /// One without sessions that may grow.
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

  /// Whether no request can join any more, by a moment up to which everything is known.
  boolean whole(long knownMillis) {
    return joinMillis == endMillis || knownMillis >= joinMillis;
  }

  /// The same cohort, of which its gateway has told up to a later moment.
  public Cohort withReportedUntil(long millis) {
    return new Cohort(
        id, ordinal, startMillis, endMillis, rho, millis, joinMillis, stratum, observations);
  }

  /// Whether any request in it asked for an answer in one piece.
  boolean anyInOnePiece() {
    for (Observation unit : observations) {
      for (Observation seen : unit.requests()) {
        if (seen.form().inOnePiece()) {
          return true;
        }
      }
    }
    return false;
  }

  /// Whether it was split by that weight, up to rounding.
  boolean hasWeight(double weight) {
    return Math.abs(rho - weight) < SAME_WEIGHT;
  }

  /// Whether it counts for the promotion of a step: clients are split by the step's weight, what is
  /// generated or mirrored is in halves in every step.
  boolean belongsTo(AnalysisState.Step step) {
    return (stratum.halved() || hasWeight(step.weight())) && startMillis >= step.startedMillis();
  }
}
