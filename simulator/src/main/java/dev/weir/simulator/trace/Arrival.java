// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.trace;

/// One request of a trace.
///
/// @param atNanos from the start of the trace
/// @param inputTokens tokens of its prompt
/// @param outputTokens tokens of its answer
public record Arrival(long atNanos, int inputTokens, int outputTokens) {}
