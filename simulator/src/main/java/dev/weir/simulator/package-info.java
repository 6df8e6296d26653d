// SPDX-License-Identifier: Apache-2.0

/// A model server with simulated accelerators that speaks vLLM's API and metrics, and the trace
/// player (an open-loop client that judges answers itself).
///
/// The request path through the server: [dev.weir.simulator.serving] reads it, deals it its faults
/// ([dev.weir.simulator.fault]), hands its choices to the batch ([dev.weir.simulator.engine]), and
/// for each token that comes out asks what it says ([dev.weir.simulator.answer]) and writes it.
/// [dev.weir.simulator.SimServer] puts the parts together; [dev.weir.simulator.SimCommand] is the
/// process.
///
/// The way of a play: [dev.weir.simulator.trace] plans, [dev.weir.simulator.player] sends, judges
/// by the same [dev.weir.simulator.answer.AnswerOracle], and reports.
@NullMarked
package dev.weir.simulator;

import org.jspecify.annotations.NullMarked;
