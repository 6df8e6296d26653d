// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.engine;

import java.util.List;

/// One pass of the engine over its batch.
///
/// @param startNanos when it begins
/// @param endNanos when the next may begin
/// @param batchedTokens tokens it computes, decode and prefill together
/// @param emissions the tokens that come out, in order of time, none after `endNanos`
public record EngineStep(
    long startNanos, long endNanos, int batchedTokens, List<Emission> emissions) {
  public EngineStep {
    emissions = List.copyOf(emissions);
  }

  /// A token coming out.
  ///
  /// @param atNanos when
  /// @param sequence whose
  /// @param index which of its tokens, from 0
  /// @param last whether it is the sequence's last
  public record Emission(long atNanos, Sequence sequence, int index, boolean last) {}
}
