// SPDX-License-Identifier: Apache-2.0

/// A model server with simulated accelerators and vLLM's API and metrics, and the trace player (an
/// open-loop client that checks answers itself).
///
/// The request path through the server: [dev.weir.simulator.serving] parses a request, draws its
/// faults ([dev.weir.simulator.fault]), submits its choices to the batch
/// ([dev.weir.simulator.engine]), and for each generated token gets its text
/// ([dev.weir.simulator.answer]) and writes it. [dev.weir.simulator.SimServer] wires the parts;
/// [dev.weir.simulator.SimCommand] is the process.
///
/// A play of a trace: [dev.weir.simulator.trace] plans the requests; [dev.weir.simulator.player]
/// sends them, checks the answers with the same [dev.weir.simulator.answer.AnswerOracle], and
/// reports.
@NullMarked
package dev.weir.simulator;

import org.jspecify.annotations.NullMarked;
