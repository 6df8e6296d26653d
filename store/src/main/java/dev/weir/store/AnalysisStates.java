// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import java.util.Optional;

/// Stores the analysis state of rollouts. Compare-and-set on the last consumed cohort ensures that
/// no cohort counts twice.
public interface AnalysisStates {
  Optional<AnalysisState> get(String rollout);

  /// Replaces the state if its cohort is still `expectedCohort` (empty: if there is no state), and
  /// deletes the consumed observations in the same transaction.
  ///
  /// @return whether it was replaced
  boolean advance(
      String rollout,
      String expectedCohort,
      AnalysisState next,
      java.util.List<Observations.Entry> consumed);

  void delete(String rollout);

  /// @param cohort identifies the last consumed cohorts; any text that changes with each advance
  /// @param json the state as the analysis module serialises it
  record AnalysisState(String cohort, String json) {}
}
