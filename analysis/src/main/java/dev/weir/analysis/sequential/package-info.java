// SPDX-License-Identifier: Apache-2.0

/// Anytime-valid tests: evidence that can be examined at any time.
///
/// An *e-process* starts at 1 and, while its null hypothesis is true, does not grow in expectation.
/// By Ville's inequality, the probability that it ever reaches `1/alpha` is at most `alpha`,
/// regardless of the number of looks. [EProcess] is the wealth, [Payoff] one bounded bet on a slice
/// of traffic, [BernoulliDetector], [ScoreDetector] and [LatencyDetector] are the three kinds of
/// signal, [DiffConfidenceSequence] is for display, [SampleRatioMismatch] watches the router.
///
/// Sources: Ville (1939); Waudby-Smith & Ramdas, JRSS-B 2024 (betting); Waudby-Smith et al.,
/// arXiv:2210.10768 (the inverse-propensity payoff); Lindon & Malek, NeurIPS 2022 (allocation).
@NullMarked
package dev.weir.analysis.sequential;

import org.jspecify.annotations.NullMarked;
