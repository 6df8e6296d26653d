// SPDX-License-Identifier: Apache-2.0

/// Pure statistics: sequential tests, verdicts and the evidence behind them.
///
/// The way of a decision: control hands closed arrival slices ([Cohort]) to one [CanaryAnalysis]
/// per rollout; each metric consumes every cohort exactly once, in arrival order, when the outcome
/// it needs is settled; what it learnt becomes [Evidence]; [Decisions] turns evidence and the
/// [AnalysisPlan] into a [Verdict]. Nothing here has a clock, a thread, a random number or a
/// socket, so the same cohorts, looks and plan always give the same verdict.
///
/// The tests themselves (anytime-valid betting e-processes) live in [dev.weir.analysis.sequential]
/// and know nothing of rollouts.
@NullMarked
package dev.weir.analysis;

import org.jspecify.annotations.NullMarked;
