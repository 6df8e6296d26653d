// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.engine;

import java.util.List;

/// One step of the engine over its batch.
///
/// @param startNanos start of the step
/// @param endNanos end of the step, when the next may start
/// @param batchedTokens computed tokens, decode and prefill together
/// @param emissions the generated tokens in order of time, none after `endNanos`
public record EngineStep(
    long startNanos, long endNanos, int batchedTokens, List<Emission> emissions) {
  public EngineStep {
    emissions = List.copyOf(emissions);
  }

  /// A generated token.
  ///
  /// @param atNanos time of the token
  /// @param sequence its sequence
  /// @param index its index in the sequence, from 0
  /// @param last whether it is the last token of the sequence
  public record Emission(long atNanos, Sequence sequence, int index, boolean last) {}
}
