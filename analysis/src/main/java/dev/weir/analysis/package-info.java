// SPDX-License-Identifier: Apache-2.0

/// Pure statistics: sequential tests, verdicts and the evidence behind them.
///
/// The path of a decision: control passes closed arrival slices ([Cohort]) to one [CanaryAnalysis]
/// per rollout. Each metric consumes every cohort exactly once, in arrival order, when the required
/// outcomes are settled. The results become [AnalysisEvidence], and [Decisions] turns evidence and
/// the [AnalysisPlan] into a [Verdict]. The package uses no clock, thread, random number or socket,
/// so the same cohorts, looks and plan always give the same verdict.
///
/// The tests themselves (anytime-valid betting e-processes) live in [dev.weir.analysis.sequential]
/// and are independent of rollouts.
@NullMarked
package dev.weir.analysis;

import org.jspecify.annotations.NullMarked;
