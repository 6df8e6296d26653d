// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import java.util.Optional;

/// A door for where a rollout's statistics stand: advanced by compare-and-set on the last consumed
/// cohort, so that no cohort is ever counted twice.
public interface AnalysisStates {
  Optional<AnalysisState> get(String rollout);

  /// Replaces the state if its cohort is still `expectedCohort` (empty: if there is none), and in
  /// the same transaction forgets the observations that went into it.
  ///
  /// @return whether it was replaced
  boolean advance(
      String rollout,
      String expectedCohort,
      AnalysisState next,
      java.util.List<Observations.Entry> consumed);

  void delete(String rollout);

  /// @param cohort names the last consumed cohorts; any text that changes with each advance
  /// @param json the analysis module's own state
  record AnalysisState(String cohort, String json) {}
}
