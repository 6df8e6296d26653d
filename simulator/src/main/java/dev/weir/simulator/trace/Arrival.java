// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.trace;

/// One request as a trace has it.
///
/// @param atNanos from the start of the trace
/// @param inputTokens of its prompt
/// @param outputTokens of its answer
public record Arrival(long atNanos, int inputTokens, int outputTokens) {}
