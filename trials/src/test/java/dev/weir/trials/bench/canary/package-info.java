// SPDX-License-Identifier: Apache-2.0

/// How often the canary engine is wrong, and how fast it is right: the simulation behind `./dev
/// bench canary` and its committed report.
///
/// [RequestModel] makes traffic (bursts, drift and load that hit both arms), [Trial] plays one
/// rollout of it through the real [dev.weir.analysis.CanaryAnalysis], [CanaryBench] plays many and
/// [Report] writes them down beside the figures of the specification.
@NullMarked
package dev.weir.trials.bench.canary;

import org.jspecify.annotations.NullMarked;
